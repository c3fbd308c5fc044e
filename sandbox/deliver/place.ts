import * as fs from "node:fs";
import * as path from "node:path";
import type { TrustedKey } from "../../delivery/evidence/keys";
import { run } from "../machine/command";
import type { Instance } from "../machine/instance";
import { githubApi } from "../parts/github/part";
import { pkiFile } from "../parts/cluster/certificates";
import { clusterAddress } from "../drill/cluster";
import { paceVariables, shortenedPace } from "../drill/pace";
import { environment } from "../stacks/environment";
import { stackSetting } from "../stacks/stack-variables";
import { binFolder } from "../toolchain/toolchain";
import type { ProgramOptions } from "../runner/programs";

/** Variables of a sandbox's shell that a real account has otherwise, or that the workflows themselves set. */
const notOfJobs =
    /^(RELAYPACS_(RELEASE|TRUSTED_KEYS|\w+_EVIDENCE_FOLDER)|PULUMI_(BACKEND_URL|OPTION_POLICY_PACK|OPTION_POLICY_PACK_CONFIG))$/;

/** What a commit of the platform says of a real account in its stack files and its policies, for the sandbox's. */
export function accountVariables(
    instance: Instance,
    folder: string,
    keys: readonly TrustedKey[],
): Record<string, string> {
    const variables = { ...environment(instance), ...paceVariables(instance, shortenedPace) };
    const configuration = JSON.parse(
        fs.readFileSync(variables.PULUMI_OPTION_POLICY_PACK_CONFIG ?? "", "utf8"),
    ) as Record<string, object>;
    const gates = "delivery-release-gates";
    configuration[gates] = { ...configuration[gates], trustedKeys: keys };
    const file = path.join(folder, "policy-config.json");
    fs.writeFileSync(file, JSON.stringify(configuration, undefined, 2));
    // GitHub's machines have the second generation of AWS's command line, which writes times so.
    const aws = path.join(folder, "aws-config");
    fs.writeFileSync(aws, "[default]\ncli_timestamp_format = iso8601\n");
    const own = Object.entries(variables).filter(
        ([name]) => /^(PULUMI|RELAYPACS)_/.test(name) && !notOfJobs.test(name),
    );
    return {
        ...Object.fromEntries(own),
        PULUMI_OPTION_POLICY_PACK_CONFIG: file,
        AWS_CONFIG_FILE: aws,
        GITHUB_BASE_URL: githubApi(instance),
    };
}

/** Host names that are reached without the proxy of AWS beside the sandbox's own: the registry of npm packages. */
export async function npmVariables(): Promise<Record<string, string>> {
    const registry = await run("npm", ["config", "get", "registry"]);
    return { npm_config_noproxy: new URL(registry.trim()).hostname };
}

/** What replaced programs need to know (sandbox/runner/programs.ts). */
export async function sandboxVariables(
    instance: Instance,
    folder: string,
    github: string,
): Promise<NonNullable<ProgramOptions["sandbox"]>> {
    const pulumi = path.join(folder, "toolchain", "pulumi");
    fs.mkdirSync(pulumi, { recursive: true });
    fs.symlinkSync(path.join(binFolder(instance), "pulumi"), path.join(pulumi, "pulumi"));
    const hosts = path.join(folder, "hosts");
    const lines = await Promise.all(
        ["staging", "prod"].map(
            async (stack) =>
                `${await clusterAddress(instance, "traefik", `traefik-${stack}`)} ${String(stackSetting(stack, "hostname"))}`,
        ),
    );
    fs.writeFileSync(hosts, ["127.0.0.1 localhost", ...lines, ""].join("\n"));
    return {
        SANDBOX_INSTANCE: instance.name,
        SANDBOX_KUBECONFIG: instance.kubeconfig,
        SANDBOX_PULUMI: path.dirname(pulumi),
        SANDBOX_GITHUB: github,
        SANDBOX_AUTHORITY: pkiFile(instance, "ca.crt"),
        SANDBOX_HOSTS: hosts,
    };
}
