import { z } from "zod";

const resource = z.looseObject({
    urn: z.string(),
    type: z.string(),
    id: z.string().optional(),
    inputs: z.record(z.string(), z.unknown()).optional(),
});

/** A resource as Pulumi's state has it, as far as it is read here. Everything else is kept. */
export type Resource = z.output<typeof resource>;

/** What `pulumi stack export` prints, as far as it is read here. Everything else is kept. */
const exported = z.looseObject({
    deployment: z.looseObject({
        resources: z.array(resource).nullish(),
        pending_operations: z.array(z.looseObject({ type: z.string(), resource })).nullish(),
    }),
});
export type Exported = z.output<typeof exported>;

/**
 * @param text the output of `pulumi stack export`
 * @throws Error for another text
 */
export function readExport(text: string): Exported {
    const parsed = exported.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`pulumi stack export printed no state: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
}

/** What the update was making when it died: done or not, the state does not say. */
export const pendingCreations = ({ deployment }: Exported): Resource[] =>
    (deployment.pending_operations ?? []).filter(({ type }) => type === "creating").map((one) => one.resource);

/**
 * The state with creations that were under way as resources, so that a refresh finds out which of them exist. Operations
 * of other kinds are about resources that the state has; the refresh looks at these anyway.
 *
 * @param ids what each may be called, by URN; one that is not there was not made
 */
export function withCreations(state: Exported, ids: ReadonlyMap<string, string>): Exported {
    const { pending_operations: _, ...deployment } = state.deployment;
    const resources = deployment.resources ?? [];
    const known = new Set(resources.map(({ urn }) => urn));
    const made = pendingCreations(state).flatMap((one) => {
        const id = ids.get(one.urn);
        return id === undefined || known.has(one.urn) ? [] : [{ ...one, id }];
    });
    return { ...state, deployment: { ...deployment, resources: [...resources, ...made] } };
}
