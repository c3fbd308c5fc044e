/** A Kubernetes label selector as policies read it. */
export interface Selector {
    readonly matchLabels?: Readonly<Record<string, unknown>> | null | undefined;
    readonly matchExpressions?:
        | readonly {
              readonly key?: string | null | undefined;
              readonly operator?: string | null | undefined;
              readonly values?: readonly string[] | null | undefined;
          }[]
        | null
        | undefined;
}

/** Whether a selector matches labels. An empty selector matches everything; a missing one nothing. */
export function selects(selector: Selector | null | undefined, labels: Readonly<Record<string, unknown>>): boolean {
    if (!selector) return false;
    const byLabel = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
    return (
        byLabel &&
        (selector.matchExpressions ?? []).every((expression) => {
            const value = labels[expression.key ?? ""];
            const among = (expression.values ?? []).some((each) => each === value);
            switch (expression.operator) {
                case "In":
                    return among;
                case "NotIn":
                    return !among;
                case "Exists":
                    return value !== undefined;
                case "DoesNotExist":
                    return value === undefined;
                default:
                    return false;
            }
        })
    );
}

/** Whether a selector leaves nothing out. */
export function isEmpty(selector: Selector | null | undefined): boolean {
    if (!selector) return false;
    return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}
