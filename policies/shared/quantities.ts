const factors: Readonly<Record<string, number>> = {
    n: 1e-9,
    u: 1e-6,
    m: 1e-3,
    "": 1,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    E: 1e18,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
    Ei: 2 ** 60,
};

/** A Kubernetes quantity (`250m`, `1.5`, `512Mi`, `1e3`) as a number of cores, bytes or pieces; undefined if it is none. */
export function quantityOf(value: unknown): number | undefined {
    if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : undefined;
    if (typeof value !== "string") return undefined;
    const match = /^\+?([0-9]+\.?[0-9]*|\.[0-9]+)(?:([eE][+-]?[0-9]+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(value);
    if (!match) return undefined;
    const [, number = "", exponent = "", suffix = ""] = match;
    return Number(number + exponent) * (factors[suffix] ?? 1);
}

/** A number or a percentage (`25%`) of `total`, rounded as Kubernetes rounds it; undefined if it is neither. */
export function portionOf(value: unknown, total: number, round: "up" | "down"): number | undefined {
    if (typeof value === "number") return Number.isInteger(value) && value >= 0 ? value : undefined;
    if (typeof value !== "string") return undefined;
    const percent = /^([0-9]+)(%?)$/.exec(value);
    if (!percent) return undefined;
    if (percent[2] === "") return Number(percent[1]);
    const exact = (Number(percent[1]) * total) / 100;
    return round === "up" ? Math.ceil(exact) : Math.floor(exact);
}
