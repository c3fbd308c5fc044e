import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isOlder, release, type WrittenRelease } from "../delivery/core/release";
import { causeOf } from "../delivery/rollouts/wording";
import type { Settings } from "../settings";

/** The output `release` of a stack; an empty object where none has been deployed completely. */
const lastRelease = z.object(release.pick({ version: true, images: true, committedAt: true }).shape);
export type LastRelease = z.infer<typeof lastRelease>;

/**
 * The release that the stack's last complete update deployed; undefined where there is none.
 *
 * @throws RunError when the stack's outputs can't be read, or name no release that can be read
 */
export async function readLastRelease(): Promise<LastRelease | undefined> {
    const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    let outputs: { readonly release?: unknown } | undefined;
    try {
        // What a stack reference reads, without a resource in the state.
        ({ outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as Answer);
    } catch (error) {
        throw new pulumi.RunError(`What ${name} runs can't be read from its state: ${causeOf(error)}.`);
    }
    const written = outputs?.release ?? {};
    if (Object.keys(written).length === 0) return undefined;
    const parsed = lastRelease.safeParse(written);
    if (parsed.success) return parsed.data;
    throw new pulumi.RunError(`The output "release" of ${name} is not a release; see "pulumi stack output release".`);
}

interface Answer {
    readonly outputs?: { readonly release?: unknown };
}

type Wanted = Pick<Settings, "bootstrap" | "environment" | "services"> & {
    readonly release?: Pick<WrittenRelease, "version" | "images" | "rollback" | "committedAt"> | undefined;
};

/** Sentences about what an update would take away from what runs. */
export function contradictionsWith(
    last: LastRelease | undefined,
    { bootstrap, environment, release: next, services }: Wanted,
): string[] {
    if (last === undefined) return [];
    if (bootstrap)
        return [
            `relaypacs:bootstrap is true, but ${environment} runs release ${last.version}; set it to false, or the update deletes every Deployment, Service and route of it.`,
        ];
    // Going back is checked by the admission of that release.
    if (next === undefined || next.rollback) return [];
    const found = services
        .filter(({ name }) => Object.hasOwn(last.images, name) && !Object.hasOwn(next.images, name))
        .map(
            ({ name }) =>
                `relaypacs:release.images has no digest for ${name}, which ${environment} runs; add it, or take ${name} out of relaypacs:services.`,
        );
    if (isOlder(next, last))
        found.push(
            `Release ${next.version} is older than ${last.version}, which ${environment} runs; go back with "npx release rollback --stack ${environment} --to ${next.version}".`,
        );
    return found;
}
