import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../../machine/command";
import type { Instance } from "../../machine/instance";
import { SandboxError } from "../../machine/part";
import { programFile } from "../../toolchain/toolchain";
import { sandboxRegistry } from "../cloud/account";
import { aws, cloudEnvironment } from "../cloud/moto";
import { pkiFile } from "../cluster/pki";

/** What crane needs beside the sandbox's other variables: the registry's authority and the folder of its credentials. */
export const craneVariables = (instance: Instance) => ({
    SSL_CERT_FILE: pkiFile(instance, "ca.crt"),
    DOCKER_CONFIG: path.join(instance.root, "registry", "client"),
});

/** `registry/repository:tag` or, with a digest, `registry/repository@digest`. */
export const reference = (repository: string, of: string) =>
    `${sandboxRegistry()}/${repository}${of.includes(":") ? "@" : ":"}${of}`;

/** Runs crane, a client for registries, and returns what it printed. */
export const crane = (instance: Instance, args: readonly string[], input = "") =>
    run(programFile("crane"), args, {
        environment: { ...cloudEnvironment(instance), ...craneVariables(instance) },
        input,
    });

/** Gives crane the credentials that ECR hands out. Moto's never expire. */
export async function signIn(instance: Instance): Promise<void> {
    if (fs.existsSync(path.join(craneVariables(instance).DOCKER_CONFIG, "config.json"))) return;
    const password = await aws(instance, ["ecr", "get-login-password"]);
    await crane(instance, ["auth", "login", sandboxRegistry(), "--username", "AWS", "--password-stdin"], password);
}

/** The digest of the image that has a tag, or undefined when there is none. */
export async function taggedDigest(instance: Instance, repository: string, tag: string): Promise<string | undefined> {
    try {
        return (await crane(instance, ["digest", reference(repository, tag)])).trim();
    } catch (error) {
        if (error instanceof SandboxError && /MANIFEST_UNKNOWN|NAME_UNKNOWN/.test(error.message)) return undefined;
        throw error;
    }
}
