import { ownAction, shortName, type PlacedJob, type Step } from "./files";

/** What a job that may have an OIDC token does with it, and which code it runs beside it. */
export interface TokenJob {
    /** The environment in the subject of its token; none means that the branch is. */
    readonly environment?: string;
    /** The variable with the role that it takes. A job of a template takes none: the called workflow's jobs do. */
    readonly role?: string;
    /** The workflow that it calls. */
    readonly calls?: string;
    /** Whose files it has beside the platform's at the commit of its own workflow. The gateway's are data, never run. */
    readonly has?:
        "the gateway" | "main of the platform" | "a pull request of the platform, which an approver has read";
    /** Actions, without their commits. */
    readonly uses: readonly string[];
    /** Programs that run code of a checkout, or containers, each with its arguments up to the first variable. */
    readonly runs: readonly string[];
}

export const nameOf = ({ file, id }: PlacedJob): string => `${shortName(file)} ${id}`;

const checkout = "actions/checkout";
const login = "aws-actions/configure-aws-credentials";
const node = "actions/setup-node";
const upload = "actions/upload-artifact";
const download = "actions/download-artifact";
/** The action `prepare`: this repository's packages and programs. */
const prepared = ["node", "npm ci", "npm run build"];
/** The environment of a job that is told in which stack's it runs. */
const stagingOr = (production: string) =>
    `\${{ inputs.environment == 'prod' && '${production}' || inputs.environment }}`;
const driftOfEachStack = "drift-${{ matrix.stack }}";
const previewOfEachStack = "preview-${{ matrix.stack }}";
const platformWorkflow = (file: string) => `relaypacs/platform/.github/workflows/${file}`;

/**
 * Every job of every workflow that may have a token. A new one, or a new program in one, is added here by a person who
 * has asked: whose code runs beside the role?
 */
export const tokenJobs: Readonly<Record<string, TokenJob>> = {
    "publish.yml push": {
        role: "PUBLISH_ROLE",
        has: "the gateway",
        uses: [checkout, download, upload, login],
        runs: [
            "docker buildx imagetools create",
            "docker image inspect",
            "docker load",
            "docker login",
            "docker logout",
            "docker push",
        ],
    },
    "publish.yml evidence": {
        environment: "sign-evidence",
        role: "SIGNING_ROLE",
        has: "the gateway",
        uses: [checkout, download, node, login],
        runs: [
            "npm ci in platform",
            "npm run build in platform",
            "npx release attest build in platform",
            "npx release attest provenance in platform",
            "npx release collect in platform",
            "npx release observe code-review in platform",
            "npx release unpack in platform",
        ],
    },
    "deploy.yml page": {
        environment: "staging",
        role: "DEPLOY_ROLE",
        uses: [checkout, node, upload, login],
        runs: [
            ...prepared,
            "npx release attest hotfix",
            "npx release check",
            "npx release observe incidents",
            "npx release observe soak",
            "npx release report",
            "npx release show build",
            "npx release show rollback-plan",
            "pulumi login",
        ],
    },
    "deploy.yml deploy": {
        environment: stagingOr("production-deployment"),
        role: "DEPLOY_ROLE",
        uses: [checkout, node, login],
        runs: [
            "node",
            "node build/release/smoke/main.js",
            "npm ci",
            "npm run build",
            "npx release admit",
            "npx release attest rollbackPlan",
            "npx release check",
            "npx release fetch",
            "npx release observe approval",
            "npx release observe deployment",
            "npx release observe incidents",
            "npx release observe migration",
            "npx release observe smoke",
            "npx release rollback",
            "npx release show build",
            "npx release show migration-prod",
            "npx release show migration-staging",
            "npx release show rehearsal",
            "npx release show restore-rehearsal",
            "pulumi login",
            "pulumi stack output",
            "pulumi up",
        ],
    },
    "deploy.yml monitoring": {
        environment: "production-deployment",
        role: "DEPLOY_ROLE",
        uses: [checkout, node, login],
        runs: [
            ...prepared,
            "npx release check",
            "npx release observe monitoring",
            "npx release show build",
            "pulumi login",
        ],
    },
    "rollback.yml rollback": {
        environment: stagingOr("production-rollback"),
        role: "DEPLOY_ROLE",
        uses: [checkout, node, login],
        runs: [
            ...prepared,
            "npx release attest rehearsal",
            "npx release fetch",
            "npx release rollback",
            "pulumi login",
            "pulumi stack output release",
            "pulumi stack output version",
        ],
    },
    "rehearse.yml rehearse": {
        environment: "staging",
        role: "DEPLOY_ROLE",
        uses: [checkout, node, login],
        runs: [...prepared, "npx release attest restoreRehearsal", "pulumi login", "pulumi stack output release"],
    },
    "pull-request.yml preview": {
        environment: previewOfEachStack,
        role: "PREVIEW_ROLE",
        has: "a pull request of the platform, which an approver has read",
        uses: [checkout, node, login],
        runs: [...prepared, "pulumi login", "pulumi preview", "pulumi stack output"],
    },
    "drift.yml drift": {
        environment: driftOfEachStack,
        role: "DRIFT_ROLE",
        has: "main of the platform",
        uses: [checkout, node, login],
        runs: [...prepared, "npx release drift", "pulumi login"],
    },
    "gateway/ci-cd.yml publish": { calls: platformWorkflow("publish.yml"), uses: [], runs: [] },
    "gateway/ci-cd.yml staging": { calls: platformWorkflow("deploy.yml"), uses: [], runs: [] },
    "gateway/ci-cd.yml production": { calls: platformWorkflow("deploy.yml"), uses: [], runs: [] },
    "gateway/hotfix.yml production": { calls: platformWorkflow("deploy.yml"), uses: [], runs: [] },
    "gateway/rollback.yml rollback": { calls: platformWorkflow("rollback.yml"), uses: [], runs: [] },
    "gateway/rollback.yml restore": { calls: platformWorkflow("rehearse.yml"), uses: [], runs: [] },
};

/** Every environment that a job may run in; `undefined` means in none. */
export function environmentsOf({ environment }: TokenJob): readonly (string | undefined)[] {
    if (environment === driftOfEachStack) return ["drift-staging", "drift-prod"];
    if (environment === previewOfEachStack) return ["preview-staging", "preview-prod"];
    const production = ["production-deployment", "production-rollback"].find((name) => environment === stagingOr(name));
    return production === undefined ? [environment] : ["staging", production];
}

/** Programs that run code which they find in a folder or in an image. */
const runners =
    /^(?:\.{0,2}\/\S+|bash|cargo|deno|docker|eval|go|make|node|npm|npx|pip|pipx|pnpm|podman|poetry|pulumi|python3?|sh|source|uv|uvx|yarn)$/;

/** Commands of a script that run code, without what is before them: `sudo`, variables, operators. */
export function commandsThatRunCode(script: string): string[] {
    const lines = script.replace(/\\\n\s*/g, " ").split("\n");
    return lines
        .map((line) => line.replace(/(^|\s)#.*$/, ""))
        .flatMap((line) => line.split(/\$\(|[|;&(){}]+(?=\s|$)|\b(?:then|do|else)\b/))
        .flatMap((command) => {
            const words = command.trim().split(/\s+/);
            const start = words.findIndex((word) => !/^(?:sudo|time|exec|!|if|while|\w+=\S*)$/.test(word));
            const program = words[start];
            if (program === undefined || !runners.test(program)) return [];
            return [
                words
                    .slice(start)
                    .join(" ")
                    .replace(/[)"'\\]+$/, ""),
            ];
        });
}

/** A command without what differs from run to run: its options and everything from the first variable on. */
function shortened(command: string): string {
    const words = command.split(" ");
    const end = words.findIndex((word, at) => at > 0 && /^["']?(?:-|\d?>)|\$/.test(word));
    return words.slice(0, end < 0 ? undefined : end).join(" ");
}

/** What a job really does, in the form of {@link tokenJobs}. */
export function whatItRuns({ file, job }: PlacedJob): TokenJob {
    const inActions = (step: Step): readonly Step[] => ownAction(step.uses)?.runs.steps ?? [step];
    const steps = (job.steps ?? []).flatMap(inActions);
    const runs = steps.flatMap(({ run = "", "working-directory": folder }) =>
        commandsThatRunCode(run).map((one) => shortened(one) + (folder === undefined ? "" : ` in ${folder}`)),
    );
    const role = steps.find(({ uses }) => uses?.startsWith(`${login}@`))?.with?.["role-to-assume"];
    const callers = steps.some(({ uses, with: given }) => uses?.startsWith(`${checkout}@`) && !given?.repository);
    const checkedOut: Readonly<Record<string, TokenJob["has"]>> = {
        "drift.yml": "main of the platform",
        "pull-request.yml": "a pull request of the platform, which an approver has read",
    };
    return {
        ...(job.environment && { environment: job.environment.name }),
        ...(typeof role === "string" && { role: role.replace(/^\$\{\{ vars\.(\w+) \}\}$/, "$1") }),
        ...(job.uses !== undefined && { calls: job.uses.replace(/@.*$/, "") }),
        ...(callers && { has: checkedOut[shortName(file)] ?? "the gateway" }),
        uses: [...new Set(steps.flatMap(({ uses }) => uses?.replace(/@.*$/, "") ?? []))].sort(),
        runs: [...new Set(runs)].sort(),
    };
}
