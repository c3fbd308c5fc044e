import { bagsIn, isBag, numberIn, textIn, type Bag } from "../values";

export interface Condition {
    readonly status: string;
    readonly reason: string;
    readonly message: string;
}

export function condition(object: Bag, type: string): Condition | undefined {
    const found = bagsIn(object, "status", "conditions").find((candidate) => candidate.type === type);
    return (
        found && { status: textIn(found, "status"), reason: textIn(found, "reason"), message: textIn(found, "message") }
    );
}

/** The controller has not looked at the newest specification yet, so its status is about an older one. */
export const isUnseen = (object: Bag): boolean =>
    numberIn(object, "status", "observedGeneration") < numberIn(object, "metadata", "generation");

/** A label selector (`matchLabels`, `matchExpressions`) in the API's query notation. */
export function selectorText(selector: Bag): string {
    const labels = isBag(selector.matchLabels) ? Object.entries(selector.matchLabels) : [];
    const expressions = bagsIn(selector, "matchExpressions").map((expression) => {
        const key = textIn(expression, "key");
        const values = Array.isArray(expression.values) ? `(${expression.values.join(",")})` : "";
        switch (expression.operator) {
            case "In":
                return `${key} in ${values}`;
            case "NotIn":
                return `${key} notin ${values}`;
            case "DoesNotExist":
                return `!${key}`;
            default:
                return key;
        }
    });
    return [...labels.map(([key, value]) => `${key}=${String(value)}`), ...expressions].join(",");
}

export const isOwnedBy = (object: Bag, owner: Bag): boolean =>
    bagsIn(object, "metadata", "ownerReferences").some(
        (reference) => reference.uid === textIn(owner, "metadata", "uid"),
    );

export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
