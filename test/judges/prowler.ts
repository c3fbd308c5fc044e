import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { z } from "zod";
import { run } from "../../sandbox/machine/command";
import { instanceNamed, instanceNames, type InstanceName } from "../../sandbox/machine/instance";
import { environment } from "../../sandbox/stacks/environment";
import { isCreated, pulumi } from "../../sandbox/stacks/stack";
import type { Failure } from "./decisions";

/** The services of AWS of which the program declares resources, as Prowler names them. */
const services = ["ecr", "iam", "kms", "s3", "secretsmanager"] as const;

/** What `pulumi stack export` prints, as far as it is read. */
const exported = z.object({
    deployment: z.object({
        resources: z.array(
            z.object({
                urn: z.string(),
                type: z.string(),
                outputs: z.object({ arn: z.unknown() }).partial().optional(),
            }),
        ),
    }),
});

/** Prowler's report (`--output-formats json-ocsf`): the class "Detection Finding" of OCSF 1.5, as far as it is read. */
const report = z.array(
    z.object({
        metadata: z.object({ event_code: z.string() }),
        finding_info: z.object({ title: z.string() }),
        status_code: z.enum(["PASS", "FAIL", "MANUAL"]),
        resources: z.array(z.object({ uid: z.string(), group: z.object({ name: z.string() }) })),
    }),
);

/** The resources of AWS in a stack's state: `Type.stack.name` by their ARN, which a secret's versions share with it. */
export function namesByArn(stack: string, state: unknown): Map<string, string> {
    const { resources } = exported.parse(state).deployment;
    const named = resources.flatMap(({ outputs, type, urn }) => {
        const [kind, name] = [type.split(":").at(-1) ?? "", urn.split("::").at(-1) ?? ""];
        return type.startsWith("aws:") && typeof outputs?.arn === "string"
            ? [[outputs.arn, `${kind}.${stack}.${name}`] as const]
            : [];
    });
    // A state has what others depend on first, so the first of an ARN is the resource itself.
    return new Map(named.reverse());
}

/**
 * What Prowler found about the stacks' own resources. Others of the account, such as its root user and its rules for
 * passwords, are not declared here.
 *
 * @param names of resources by their ARN
 * @throws Error when it has judged nothing of a service
 */
export function reported(
    output: string,
    names: ReadonlyMap<string, string>,
): { readonly failures: readonly Failure[]; readonly passed: number } {
    const own = report.parse(JSON.parse(output)).flatMap((finding) =>
        finding.resources.flatMap(({ group, uid }) => {
            const resource = names.get(uid);
            return resource === undefined ? [] : [{ ...finding, resource, service: group.name }];
        }),
    );
    const missing = services.find((service) => !own.some((finding) => finding.service === service));
    if (missing !== undefined) throw new Error(`Prowler has judged nothing of ${missing} that a stack declares.`);
    return {
        failures: own
            .filter(({ status_code: status }) => status === "FAIL")
            .map(({ finding_info: { title }, metadata: { event_code: check }, resource }) => ({
                check,
                title,
                resource,
            })),
        passed: own.filter(({ status_code: status }) => status === "PASS").length,
    };
}

/** Runs Prowler over a sandbox's account, in which both stacks are up. @param program Prowler's command line */
export async function prowler(program: string, name: string): Promise<ReturnType<typeof reported>> {
    const known = instanceNames.find((one): one is InstanceName => one === name);
    if (known === undefined) throw new Error(`There is no sandbox "${name}"; these are: ${instanceNames.join(", ")}.`);
    const instance = instanceNamed(known);
    const stacks = ["staging", "prod"];
    const absent = stacks.find((stack) => !isCreated(instance, stack));
    if (absent !== undefined)
        throw new Error(`Sandbox "${name}" has no stack ${absent}; run make up-prod INSTANCE=${name} first.`);
    const states = await Promise.all(
        stacks.map(async (stack) =>
            namesByArn(stack, JSON.parse(await pulumi(instance, ["stack", "export", "--stack", stack]))),
        ),
    );
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-judges-"));
    try {
        const variables = environment(instance);
        const where = ["--output-directory", folder, "--output-filename", "report", "--output-formats", "json-ocsf"];
        const what = ["--services", ...services, "--region", variables.AWS_REGION ?? ""];
        console.log("Prowler asks the account; this takes a minute or two.");
        await run(program, ["aws", ...what, ...where, "--no-banner", "--no-color", "--ignore-exit-code-3"], {
            directory: folder,
            environment: variables,
        });
        return reported(
            fs.readFileSync(path.join(folder, "report.ocsf.json"), "utf8"),
            new Map(states.flatMap((names) => [...names])),
        );
    } finally {
        fs.rmSync(folder, { recursive: true, force: true });
    }
}
