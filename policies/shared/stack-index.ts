import { UnknownValueError } from "@pulumi/policy";
import type { PolicyResource } from "@pulumi/policy";
import type { Findings } from "./findings";

/** How one resource points at another. */
export interface Link {
    /** The top-level input that carries the reference; what it depends on counts even while its value is unknown. */
    readonly input: string;
    /** The reference's value. */
    readonly value: (resource: PolicyResource) => unknown;
}

/** A stack's resources by type, indexed once, so that a rule over n resources stays linear. */
export class StackIndex {
    private readonly types = new Map<string, PolicyResource[]>();

    constructor(readonly resources: readonly PolicyResource[]) {
        for (const resource of resources) {
            const same = this.types.get(resource.type);
            if (same) same.push(resource);
            else this.types.set(resource.type, [resource]);
        }
    }

    ofTypes(...types: readonly string[]): PolicyResource[] {
        return types.flatMap((type) => this.types.get(type) ?? []);
    }

    /** Resources of a type by what they point at. */
    pointers(type: string, link: Link): Pointers {
        return new Pointers(this.ofTypes(type), link);
    }
}

/** Resources by the resource they point at: by dependency where there is one, else by value. */
export class Pointers {
    private readonly byUrn = new Map<string, PolicyResource[]>();
    private readonly byValue = new Map<unknown, PolicyResource[]>();
    private readonly unresolved: UnknownValueError[] = [];

    constructor(resources: readonly PolicyResource[], link: Link) {
        for (const resource of resources) {
            for (const target of resource.propertyDependencies[link.input] ?? []) {
                add(this.byUrn, target.urn, resource);
            }
            try {
                add(this.byValue, link.value(resource), resource);
            } catch (error) {
                if (!(error instanceof UnknownValueError)) throw error;
                if ((resource.propertyDependencies[link.input]?.length ?? 0) === 0) this.unresolved.push(error);
            }
        }
    }

    /**
     * What points at `target`, by its URN or by one of the values that identify it. Throws when nothing does so yet but
     * an unknown reference still may.
     */
    to(target: PolicyResource, identities: readonly ((target: PolicyResource) => unknown)[]): PolicyResource[] {
        const found = new Set(this.byUrn.get(target.urn));
        let unknown: unknown = this.unresolved[0];
        for (const identity of identities) {
            try {
                const value = identity(target);
                if (value !== undefined && value !== null) this.byValue.get(value)?.forEach((each) => found.add(each));
            } catch (error) {
                if (!(error instanceof UnknownValueError)) throw error;
                if (this.byValue.size > 0) unknown ??= error;
            }
        }
        if (found.size === 0 && unknown !== undefined) throw unknown;
        return [...found];
    }
}

function add(map: Map<unknown, PolicyResource[]>, key: unknown, resource: PolicyResource): void {
    const same = map.get(key);
    if (same) same.push(resource);
    else map.set(key, [resource]);
}

/** A resource's property, as a link's value or as an identity. */
export function property(name: string): (resource: PolicyResource) => unknown {
    return (resource) => (resource.props as Record<string, unknown>)[name];
}

/** A companion that a resource must have: which type, how it points back, and what it is called in messages. */
export interface Companion {
    readonly type: string;
    readonly link: Link;
    readonly called: string;
}

/** Refuses each owner that lacks one of its companions. */
export function requireCompanions<Settings>(
    stack: StackIndex,
    findings: Findings<Settings>,
    owners: readonly PolicyResource[],
    identities: readonly ((owner: PolicyResource) => unknown)[],
    companions: readonly (Companion & { readonly unless?: (owner: PolicyResource) => boolean })[],
): void {
    for (const companion of companions) {
        const pointers = stack.pointers(companion.type, companion.link);
        findings.each(owners, (owner) => {
            if (companion.unless?.(owner) || pointers.to(owner, identities).length > 0) return;
            findings.refuse(
                `${owner.name} has no ${companion.called}; accepted: at least one, in the same stack.`,
                owner.urn,
            );
        });
    }
}
