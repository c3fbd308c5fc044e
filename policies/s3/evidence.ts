/** Settings that tell evidence buckets from others and say how long evidence is kept. */
export interface EvidenceSettings {
    readonly evidencePattern: string;
    readonly minimumYears: number;
}

export const minimumRetention = {
    type: "integer",
    minimum: 1,
    maximum: 100,
    default: 6,
    description: "Years that evidence is kept",
} as const;

/** Object Lock counts a year as 365 days; one more for each leap year that the span may hold. */
export function minimumDaysOf({ minimumYears }: EvidenceSettings): number {
    return minimumYears * 365 + Math.ceil(minimumYears / 4);
}
