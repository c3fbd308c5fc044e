/** One resource in an exported deployment, as far as it is read or changed here. */
interface ResourceState {
    readonly urn: string;
    readonly type: string;
    dependencies?: string[];
    propertyDependencies?: Record<string, string[]>;
}

/** What `pulumi stack export` prints. */
export interface ExportedStack {
    readonly deployment: { resources?: ResourceState[] };
}

/**
 * The stack without a package's resources, and without the dependencies of other resources on them. For an emulator
 * that has lost everything. A refresh cannot always find that out: some providers report an error when a parent
 * resource is missing.
 */
export function dropLostResources(stack: ExportedStack, packageName: string): ExportedStack {
    const all = stack.deployment.resources ?? [];
    const isLost = ({ type }: ResourceState) => type.startsWith(`${packageName}:`);
    const lost = new Set(all.filter(isLost).map(({ urn }) => urn));
    const kept = (urns: readonly string[]) => urns.filter((urn) => !lost.has(urn));
    const resources = all
        .filter((resource) => !isLost(resource))
        .map((resource) => ({
            ...resource,
            ...(resource.dependencies && { dependencies: kept(resource.dependencies) }),
            ...(resource.propertyDependencies && {
                propertyDependencies: Object.fromEntries(
                    Object.entries(resource.propertyDependencies).map(([key, urns]) => [key, kept(urns)]),
                ),
            }),
        }));
    return { ...stack, deployment: { ...stack.deployment, resources } };
}
