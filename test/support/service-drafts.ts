import { service as serviceSettings } from "../../settings/schema";

/** Numbers that look random and are the same in every run. */
function sequence(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
        return state / 2 ** 32;
    };
}

/** What settings may be asked to accept, good and bad. */
const values = {
    cpu: [
        "1m",
        "50m",
        "250m",
        "999m",
        "1000m",
        "1500m",
        "100000m",
        "999000m",
        "999999m",
        "0m",
        "0500m",
        "0.5",
        "1",
        "1k",
    ],
    memory: [
        "1Mi",
        "64Mi",
        "1000Mi",
        "1024Mi",
        "1536Mi",
        "1048576Mi",
        "9999999Mi",
        "0Mi",
        "064Mi",
        "1Gi",
        "0.5Gi",
        "64M",
    ],
    environment: ["", " ", "0", "false", "null", "$(HOME)", "a\nb", "ü", '"', "{}"],
    names: ["A", "LOG_LEVEL", "PGOPTIONS", "TRACE", "lower", "", "1A", "A-B"],
    paths: ["/", "/health", "/a.b/c-d", "", "health", "/a b"],
};

const random = sequence(11);
const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;

/** Services as a person may write them into a stack file, good and bad, the same in every run. */
export const drafts = Array.from({ length: 4000 }, () => ({
    name: "backend",
    database: random() < 0.5,
    healthPath: one(values.paths),
    replicas: 2 + Math.floor(random() * 49),
    resources: {
        cpuRequest: one(values.cpu),
        cpuLimit: one(values.cpu),
        memoryRequest: one(values.memory),
        memoryLimit: one(values.memory),
    },
    environment: Object.fromEntries(
        Array.from({ length: Math.floor(random() * 4) }, () => [one(values.names), one(values.environment)]),
    ),
}));

/** Those that the schema of one service accepts, as settings hand them on. */
export const acceptedServices = drafts
    .map((draft) => serviceSettings.safeParse(draft))
    .flatMap(({ data }) => (data ? [data] : []));

/** Those that settings accept as a whole: requests within the limits, which is compared once all services are read. */
export const runnableServices = acceptedServices.filter(
    ({ resources: { cpuLimit, cpuRequest, memoryLimit, memoryRequest } }) =>
        parseInt(cpuRequest) <= parseInt(cpuLimit) && parseInt(memoryRequest) <= parseInt(memoryLimit),
);
