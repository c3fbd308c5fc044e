/** The sizes of an upload's chunks, in bytes. */
export function chunkSizes(size: number, chunkSize: number): number[] {
    if (chunkSize <= 0) throw new RangeError("chunkSize must be positive");
    const count = Math.ceil(Math.max(0, size) / chunkSize);
    return Array.from({ length: count }, (_, number) => Math.min(chunkSize, size - number * chunkSize));
}

/** How much of an upload has arrived, in whole percent. */
export function percent(received: number, total: number): number {
    if (total < 0) throw new RangeError("total must not be negative");
    return total === 0 ? 100 : Math.floor((received / total) * 100);
}

/** What the page says about an upload. */
export function label(received: number, total: number): string {
    const value = percent(received, total);
    if (value === 100) return "complete";
    return value === 0 ? "waiting" : `${value} %`;
}
