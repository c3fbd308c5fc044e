import type { AnalysisRun, Measurement, Metric, MetricResult, Pod } from "./objects";
import type { View } from "./rollout-view";
import { limitOf, measured, oneLine } from "./wording";

/** A metric of an analysis with what was measured, its conditions and query with their arguments filled in. */
interface Measured {
    readonly run: AnalysisRun;
    readonly result: MetricResult;
    readonly metric: Metric | undefined;
    readonly limit: string | undefined;
    readonly query: string | undefined;
}

/** Fills an analysis' plain arguments into a text; what comes from secrets stays a placeholder. */
function fill(text: string | undefined, run: AnalysisRun): string | undefined {
    const values = new Map((run.spec.args ?? []).map(({ name, value }) => [name, value]));
    return text?.replace(
        /\{\{\s*args\.([\w-]+)\s*\}\}/g,
        (placeholder, name: string) => values.get(name) ?? placeholder,
    );
}

function metricsOf(run: AnalysisRun): Measured[] {
    return (run.status?.metricResults ?? []).map((result) => {
        const metric = run.spec.metrics?.find((one) => one.name === result.name);
        return {
            run,
            result,
            metric,
            limit: limitOf(fill(metric?.successCondition, run), fill(metric?.failureCondition, run)),
            query: result.metadata?.ResolvedPrometheusQuery ?? fill(metric?.provider?.prometheus?.query, run),
        };
    });
}

const isJob = ({ metric }: Measured): boolean => metric?.provider?.job !== undefined;

const reading = (name: string, value: string | undefined): string => {
    const said = measured(value);
    return said.startsWith("no data") ? `${name} has ${said}` : `${name} is ${said}`;
};

/** Why a Job's pod failed, by its own last words. */
function jobFailure(measurement: Measurement, pods: readonly Pod[]): string | undefined {
    const job = measurement.metadata?.["job-name"];
    if (job === undefined) return undefined;
    const words = pods
        .filter((pod) =>
            [pod.metadata.labels?.["job-name"], pod.metadata.labels?.["batch.kubernetes.io/job-name"]].includes(job),
        )
        .flatMap((pod) => pod.status?.containerStatuses ?? [])
        .flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated])
        .filter((ended) => ended !== undefined && ended.exitCode !== 0)
        .map((ended) => ended?.message ?? `ended with ${String(ended?.exitCode ?? ended?.reason)}`);
    return words[0] === undefined ? undefined : oneLine(words[0]);
}

function tellMeasurement(one: Measured, measurement: Measurement, view: View): string | undefined {
    const { result, limit } = one;
    const name = result.name;
    if (isJob(one)) {
        switch (measurement.phase) {
            case "Successful":
                return `Check ${name} passed.`;
            case "Failed": {
                const why = jobFailure(measurement, view.pods) ?? measurement.message;
                return `Check ${name} failed${why ? `: ${oneLine(why)}` : ""}.`;
            }
            case "Error":
                return `Check ${name} could not run: ${oneLine(measurement.message ?? "no reason given")}.`;
            default:
                return `Check ${name} runs as Job ${measurement.metadata?.["job-name"] ?? "without a name"}.`;
        }
    }
    const value = `${reading(name, measurement.value)}${limit === undefined ? "" : `, limit ${limit}`}`;
    switch (measurement.phase) {
        case "Successful":
            return `Measured: ${value}: good.`;
        case "Failed":
            return `Measured: ${value}: bad.`;
        case "Inconclusive":
            return `Measured: ${value}: undecided, and not counted as good.`;
        case "Error":
            return `Measuring ${name} failed (${String(result.consecutiveError ?? 1)} in a row): ${oneLine(measurement.message ?? result.message ?? "no reason given")}.`;
        default:
            return undefined;
    }
}

/** What there is to tell of measurements: those that ended, and Jobs that began. */
interface Told {
    readonly results: string[];
    readonly begun: string[];
}

/** Tells each measurement once, and of those taken before following began only the latest. */
export class MeasurementTeller {
    private readonly told = new Map<string, string>();

    tell(view: View, first: boolean): Told {
        const told: Told = { results: [], begun: [] };
        for (const run of view.analyses) {
            // An analysis that was over before is history.
            const over = first && run.status?.completedAt !== undefined;
            for (const one of metricsOf(run)) {
                const all = one.result.measurements ?? [];
                for (const [index, measurement] of all.entries()) {
                    if (!this.isNew(run, one, measurement) || over || (first && index < all.length - 1)) continue;
                    const line = tellMeasurement(one, measurement, view);
                    if (line === undefined) continue;
                    (measurement.phase === "Running" ? told.begun : told.results).push(line);
                }
            }
        }
        return told;
    }

    private isNew(run: AnalysisRun, { result }: Measured, { phase, startedAt }: Measurement): boolean {
        const key = [run.metadata.uid, result.name, startedAt].join("/");
        const known = this.told.get(key) === phase;
        this.told.set(key, phase);
        return !known;
    }
}

/** What an analysis failed by, as the clause of a sentence, and where it stood among the steps. */
export interface Failure {
    readonly clause: string;
    /** Index of the step the analysis belonged to; absent for one that ran beside the steps. */
    readonly step: number | undefined;
}

const unsuccessful = ["Failed", "Error", "Inconclusive"];

/** The metric that ended green's newest unsuccessful analysis, or undefined when no analysis did. */
export function failureOf(view: View): Failure | undefined {
    const runs = view.analyses.filter((run) => unsuccessful.includes(run.status?.phase ?? ""));
    const run = runs.at(-1);
    if (!run) return undefined;
    const label = run.metadata.labels?.["step-index"];
    const failing = metricsOf(run).filter(({ result }) => unsuccessful.includes(result.phase));
    const clauses = failing.map((one) => clauseOf(one, view));
    return {
        clause: clauses.length > 0 ? clauses.join("; ") : oneLine(run.status?.message ?? "an analysis failed"),
        step: label === undefined ? undefined : Number(label),
    };
}

/** How a held analysis is undecided, for the sentence that says so. */
export function undecided(view: View): string | undefined {
    const run = view.analyses.findLast((one) => one.status?.phase === "Inconclusive");
    const one = run && metricsOf(run).find(({ result }) => result.phase === "Inconclusive");
    return one && clauseOf(one, view);
}

function clauseOf(one: Measured, view: View): string {
    const { result, limit, query } = one;
    const measurements = result.measurements ?? [];
    const last = measurements.findLast((measurement) => measurement.phase === result.phase) ?? measurements.at(-1);
    if (isJob(one)) {
        const why = (last && jobFailure(last, view.pods)) ?? last?.message ?? result.message;
        return `${result.name} failed${why ? `: ${oneLine(why)}` : ""}`;
    }
    const by = query === undefined ? "" : ` (query: ${oneLine(query)})`;
    const against = limit === undefined ? "" : `, limit ${limit}`;
    if (result.phase === "Error") {
        const why = oneLine(last?.message ?? result.message ?? "no reason given");
        return `${result.name} could not be measured ${String(result.consecutiveError ?? 1)} times in a row: ${why}${against}${by}`;
    }
    const values = measurements
        .filter((measurement) => measurement.phase === result.phase)
        .map(({ value }) => measured(value));
    const was = values.length > 1 ? `${values.slice(-5).join(", then ")}` : measured(last?.value);
    if (result.phase === "Inconclusive") return `${result.name} stayed undecided (${was})${against}${by}`;
    return `${result.name} ${was.startsWith("no data") ? "had" : "was"} ${was}${against}${by}`;
}
