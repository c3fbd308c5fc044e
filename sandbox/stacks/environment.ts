import * as fs from "node:fs";
import * as path from "node:path";
import { instanceNamed, instanceNames, projectRoot, type Instance } from "../machine/instance";
import { parts } from "../parts";
import { evidenceVariables } from "./evidence/variables";
import { policyConfigurationFile } from "./policy-configuration";
import { stackVariables } from "./stack-variables";
import { binFolder, toolchainSource } from "../toolchain/toolchain";

/** What `publishImages` put into the registry. */
export const releaseFile = (instance: Instance) => path.join(instance.root, "release.json");

/** Protects secrets in the sandbox's own state, which is deleted with it; Pulumi.<stack>.yaml has its salt. */
export const sandboxPassphrase = "relaypacs-sandbox";

/**
 * The variables with which a shell or a test uses the sandbox with the ordinary clients (`pulumi`, `kubectl`, `aws`).
 * The same program runs against a real account when none of these is set.
 */
export function environment(instance: Instance): Record<string, string> {
    const bin = binFolder(instance);
    const release = releaseFile(instance);
    return {
        PATH: [bin, ...(process.env.PATH ?? "").split(path.delimiter).filter((it) => it !== bin)].join(path.delimiter),
        PULUMI_HOME: instance.pulumiHome,
        // An update that is killed while it writes a file's metadata would leave an empty file, and the stack
        // unreadable.
        PULUMI_BACKEND_URL: `file://${instance.pulumiState}?metadata=skip`,
        PULUMI_CONFIG_PASSPHRASE: sandboxPassphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // Without this the engine tries a download that cannot succeed five times before it reports what is missing.
        ...(toolchainSource(instance) === "built" ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" } : {}),
        PULUMI_OPTION_POLICY_PACK: path.join(projectRoot, "policies"),
        PULUMI_OPTION_POLICY_PACK_CONFIG: policyConfigurationFile(instance),
        PULUMI_SKIP_CONFIRMATIONS: "true",
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        ...(fs.existsSync(release)
            ? { RELAYPACS_RELEASE: JSON.stringify(JSON.parse(fs.readFileSync(release, "utf8"))) }
            : {}),
        // These have no meaning outside the sandbox.
        RELAYPACS_DOCKER_HUB_TOKEN: "sandbox-only-docker-hub-token",
        RELAYPACS_SLACK_WEBHOOK: "https://hooks.slack.com/services/sandbox/only",
        ...stackVariables(instance),
        ...evidenceVariables(instance),
        ...Object.assign({}, ...parts.map((part) => part.environment(instance))),
    };
}

/**
 * Removes a sandbox's variables from this process's environment, in case its shell has them: Go, npm and apt must not
 * use the emulator's proxy.
 */
export function clearSandboxVariables(): void {
    for (const instance of instanceNames.map(instanceNamed))
        for (const [name, value] of Object.entries(environment(instance)))
            if (name !== "PATH" && process.env[name] === value) Reflect.deleteProperty(process.env, name);
}

const quote = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

/** Lines for `eval` in a shell. */
export function exportLines(variables: Readonly<Record<string, string>>): string {
    return Object.entries(variables)
        .map(([name, value]) => `export ${name}=${quote(value)}`)
        .join("\n");
}
