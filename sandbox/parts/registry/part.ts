import * as fs from "node:fs";
import * as https from "node:https";
import * as path from "node:path";
import { repositoryName } from "../../../delivery/core/names";
import { toolNames } from "../../../settings/schema";
import type { Instance } from "../../machine/instance";
import type { Part } from "../../machine/part";
import { runningPid, startProcess, stopProcess, waitUntil } from "../../machine/process";
import { stackSetting } from "../../stacks/stack-variables";
import { binFolder, programFile } from "../../toolchain/toolchain";
import { sandboxRegistry } from "../cloud/account";
import { certificateAuthority, cloudEnvironment } from "../cloud/moto";
import { createCertificates, pkiFile } from "../cluster/certificates";
import { asArguments } from "../cluster/control-plane";
import { craneVariables } from "./client";

const processName = "registry";

const folder = (instance: Instance) => path.join(instance.root, "registry");

const address = (instance: Instance) => `${instance.hostAddress}:${instance.ports.registry}`;

/** Repositories that the first update of staging creates, while it starts pods with their images. */
function awaitedRepositories(): string[] {
    const services = stackSetting("staging", "services") as readonly { readonly name: string }[];
    return [...services.map(({ name }) => name), ...toolNames].map(repositoryName);
}

/** Whether the registry answers, which it does to a stranger with a refusal. */
function answers(instance: Instance): Promise<boolean> {
    return new Promise((resolve, reject) => {
        const request = https.get({
            host: instance.hostAddress,
            port: instance.ports.registry,
            servername: sandboxRegistry(),
            path: "/v2/",
            ca: fs.readFileSync(pkiFile(instance, "ca.crt")),
            agent: false,
            timeout: 2000,
        });
        request.on("response", (response) => {
            response.resume();
            resolve(response.statusCode === 401);
        });
        request.on("timeout", () => request.destroy(new Error("The registry did not answer within 2 s")));
        request.on("error", reject);
    });
}

/** Slows down the registry's blobs, each to a number of bytes a second; without a number, they are fast again. */
export function throttle(instance: Instance, bytesPerSecond?: number): void {
    const file = path.join(folder(instance), "bytes-per-second");
    if (bytesPerSecond === undefined) fs.rmSync(file, { force: true });
    else fs.writeFileSync(file, `${bytesPerSecond}\n`);
}

/** `crane` for a shell of the sandbox, which knows the registry's authority and credentials. */
function writeLauncher(instance: Instance): void {
    const variables = Object.entries(craneVariables(instance)).map(([name, value]) => `${name}='${value}'`);
    const file = path.join(binFolder(instance), "crane");
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const words = [...variables, "exec", `'${programFile("crane")}'`, '"$@"'];
    fs.writeFileSync(file, `#!/bin/sh\n${words.join(" ")}\n`, { mode: 0o755 });
}

/**
 * The image registry under the account's ECR host name. It keeps blobs on disk; manifests, tags, their immutability and the
 * token that clients need are those of Moto's ECR.
 */
export const registry: Part = {
    name: "registry",
    up: async (instance, progress) => {
        progress("the registry's certificate");
        await createCertificates(instance);
        progress("the registry");
        // Moto, which starts at the same time, brings the authority of the AWS host names.
        const authority = certificateAuthority(instance);
        await waitUntil(() => Promise.resolve(fs.existsSync(authority)), authority, 300);
        const flags = {
            address: address(instance),
            certificate: pkiFile(instance, "registry.crt"),
            key: pkiFile(instance, "registry.key"),
            folder: folder(instance),
            awaited: awaitedRepositories().join(","),
        };
        await startProcess(instance, processName, programFile("registry"), asArguments(flags), {
            environment: cloudEnvironment(instance),
            ready: () => answers(instance),
        });
        writeLauncher(instance);
    },
    state: async (instance) => {
        if (runningPid(instance, processName) === undefined) return { running: false, detail: "not running" };
        const running = await answers(instance).catch(() => false);
        const place = `${sandboxRegistry()} at ${address(instance)}`;
        return { running, detail: running ? place : `${place} does not answer` };
    },
    down: (instance) => stopProcess(instance, processName),
    environment: () => ({}),
};
