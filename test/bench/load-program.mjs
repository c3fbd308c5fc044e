/**
 * Loads and runs the program of a project's folder as a preview does, with mocks in place of the engine:
 *
 *     node load-program.mjs FOLDER
 *
 * TypeScript is loaded as `cmd/run/run.js` of @pulumi/pulumi 3.259.0 does, which asks ts-node of the project, with the
 * project's tsconfig.json. The stack is staging before its first release. Prints how many resources were registered.
 */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const load = createRequire(join(folder, "package.json"));
process.chdir(folder);

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
const tools = ["argo-rollouts", "traefik", "prometheus", "smoke-tests"];
Object.assign(process.env, {
    GITHUB_TOKEN: "not-a-real-github-token",
    RELAYPACS_BOOTSTRAP: "true",
    RELAYPACS_DATABASE_URL: "postgresql://relaypacs:not-a-real-password@database:5432/relaypacs",
    RELAYPACS_DOCKER_HUB_TOKEN: "not-a-real-token",
    RELAYPACS_SLACK_WEBHOOK: "https://hooks.slack.com/services/not/a/real-one",
    RELAYPACS_SMOKE_PASSWORD: "not-a-real-smoke-password",
    RELAYPACS_TOOL_IMAGES: JSON.stringify(Object.fromEntries(tools.map((name) => [name, digest]))),
});

const { loadTypeScriptCompilerOptions } = load("@pulumi/pulumi/tsutils");
load("ts-node").register({
    compiler: "typescript",
    project: "tsconfig.json",
    compilerOptions: {
        target: "ES2020",
        module: "nodenext",
        moduleResolution: "nodenext",
        sourceMap: "true",
        ...loadTypeScriptCompilerOptions("tsconfig.json"),
    },
});

const pulumi = load("@pulumi/pulumi");
const { publicKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const publicKey = key.export({ type: "spki", format: "der" }).toString("base64");
const publicKeyPem = key.export({ type: "spki", format: "pem" });
let resources = 0;
const mocks = {
    newResource: ({ name, inputs }) => {
        resources += 1;
        return { id: `${name}-id`, state: { arn: `arn:aws:mock:::${name}`, repoId: 345678, ...inputs } };
    },
    call: ({ inputs }) => ({ id: "123456", repoId: 345678, publicKey, publicKeyPem, ...inputs }),
};
await pulumi.runtime.setMocks(mocks, "relaypacs", "staging", true, "organization");
const { config } = load("yaml").parse(readFileSync("Pulumi.staging.yaml", "utf8"));
const texts = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
]);
pulumi.runtime.setAllConfig(Object.fromEntries(texts));

// As the same run.js: a program may be a function, and the older one is none.
await pulumi.runtime.runInPulumiStack(() => {
    const program = load("./index.ts");
    return typeof program === "function" ? program() : program;
});
process.once("exit", () => {
    console.log(`${resources} resources`);
    if (resources === 0) process.exitCode ||= 1;
});
