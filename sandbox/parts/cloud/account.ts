import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { registryHost } from "../../../delivery/core/names";
import { projectRoot } from "../../machine/instance";
import { SandboxError } from "../../machine/part";

/** The emulated AWS account: the one in the staging stack's file. */
export interface Account {
    /** Twelve digits. @default "123456789012" */
    readonly id: string;
    /** @default "us-east-1" */
    readonly region: string;
    /** Name of the Lambda function that rotates secrets, which the platform expects to find. */
    readonly rotationFunction?: string;
}

interface StackFile {
    readonly config?: Readonly<Record<string, unknown>>;
}

/** Reads the account from a stack file's text. Every key is optional; a given one must be valid. */
export function parseAccount(text: string): Account {
    const config = (parse(text) as StackFile | null)?.config ?? {};
    const id = config["relaypacs:awsAccountId"] ?? "123456789012";
    const region = config["aws:region"] ?? "us-east-1";
    if (typeof id !== "string" || !/^\d{12}$/.test(id))
        throw new SandboxError(`relaypacs:awsAccountId is ${JSON.stringify(id)}, but must be twelve digits in quotes`);
    if (typeof region !== "string" || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
        throw new SandboxError(`aws:region is ${JSON.stringify(region)}, but must be a region such as us-east-1`);
    const rotation = config["relaypacs:rotation"] as { readonly functionArn?: unknown } | undefined;
    const rotationFunction = /:function:([\w-]+)$/.exec(String(rotation?.functionArn ?? ""))?.[1];
    return { id, region, ...(rotationFunction === undefined ? {} : { rotationFunction }) };
}

/** The account of Pulumi.staging.yaml. */
export function sandboxAccount(): Account {
    const file = path.join(projectRoot, "Pulumi.staging.yaml");
    return parseAccount(fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "");
}

/** The host name of the account's image registry. */
export function sandboxRegistry(): string {
    const { id, region } = sandboxAccount();
    return registryHost({ accountId: id, region });
}
