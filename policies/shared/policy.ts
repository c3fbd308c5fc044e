import type {
    EnforcementLevel,
    PolicyConfigSchema,
    PolicyResourceOptions,
    ResourceRemediation,
    ResourceValidation,
    ResourceValidationPolicy,
    Severity,
    StackValidationPolicy,
} from "@pulumi/policy";
import { Findings } from "./findings";
import type { Remediable, Unvalidated } from "./unvalidated";
import { settingsOf } from "./settings";
import { StackIndex } from "./stack-index";
import type { Standard } from "./standards";

/** Metadata of every policy of the pack. */
export interface PolicyMetadata extends Standard {
    /** `service-resource-rule`, in lower case with hyphens. */
    readonly name: string;
    readonly description: string;
    readonly enforcementLevel: Exclude<EnforcementLevel, "disabled">;
    readonly severity: Severity;
    readonly remediationSteps: string;
    readonly configSchema?: PolicyConfigSchema;
}

/** The resource that a policy judges, beside its inputs. */
export interface Subject {
    readonly type: string;
    readonly name: string;
    readonly urn: string;
    readonly options: PolicyResourceOptions;
}

export interface ResourceRule<Properties, Settings> extends PolicyMetadata {
    /** Type tokens of the resources that the rule is about, or `every` resource. */
    readonly types: readonly string[] | "every";
    readonly judge: (given: Unvalidated<Properties>, findings: Findings<Settings>, subject: Subject) => void;
    /** Corrects the inputs in place where that is safe and surprises no one; true when it changed something. */
    readonly remediate?: (given: Remediable<Properties>, settings: Readonly<Settings>, subject: Subject) => boolean;
}

export interface StackRule<Settings> extends PolicyMetadata {
    readonly judge: (stack: StackIndex, findings: Findings<Settings>) => void;
}

/** Settings of a policy that has none. */
export type NoSettings = Record<never, never>;

const typesByPolicy = new WeakMap<object, readonly string[] | "every">();

/** Type tokens of the resources that a policy of `resourcePolicy` is about; none for a policy about the whole stack. */
export function typesOf(policy: object): readonly string[] | "every" {
    return typesByPolicy.get(policy) ?? [];
}

/**
 * A policy about one resource at a time, judged before the resource is changed.
 *
 * Properties are typed from the provider's SDK with type-only imports: loading the SDKs would cost more than judging.
 */
export function resourcePolicy<Properties, Settings = NoSettings>(
    rule: ResourceRule<Properties, Settings>,
): ResourceValidationPolicy {
    const { types, judge, remediate, ...metadata } = rule;
    const applies = (type: string) => types === "every" || types.includes(type);
    const settings = (given: object) => settingsOf<Settings>(rule.name, rule.configSchema, given);

    const validateResource: ResourceValidation = (args, report) => {
        if (!applies(args.type)) return;
        const findings = new Findings<Settings>(settings(args.getConfig()), report);
        judge(args.props as Unvalidated<Properties>, findings, { ...subjectOf(args), options: args.opts });
        findings.settle();
    };
    const remediateResource: ResourceRemediation = (args) => {
        if (!applies(args.type) || !remediate) return undefined;
        const subject = { ...subjectOf(args), options: args.opts };
        const changed = remediate(args.props as Remediable<Properties>, settings(args.getConfig()), subject);
        return changed ? args.props : undefined;
    };
    const policy = {
        ...metadata,
        validateResource: onlyFor(types, validateResource),
        ...(remediate && { remediateResource: onlyFor(types, remediateResource) }),
    };
    typesByPolicy.set(policy, types);
    return policy;
}

/**
 * A policy about how resources fit together. It runs when everything has been registered: it blocks a preview, but at
 * the end of an update the resources have changed already. So a rule that one resource can answer for is a resource
 * policy. Each stack policy costs a pass over the whole stack: related rules share one.
 */
export function stackPolicy<Settings = NoSettings>(rule: StackRule<Settings>): StackValidationPolicy {
    const { judge, ...metadata } = rule;
    return {
        ...metadata,
        validateStack: (args, report) => {
            const settings = settingsOf<Settings>(rule.name, rule.configSchema, args.getConfig());
            const findings = new Findings<Settings>(settings, report);
            judge(new StackIndex(args.resources), findings);
            findings.settle();
        },
    };
}

/** The stack's name, from any of its URNs (`urn:pulumi:STACK::PROJECT::TYPE::NAME`). */
export function stackOf(urn: string): string {
    return urn.split("::", 1)[0]?.replace(/^urn:pulumi:/, "") ?? "";
}

function subjectOf({ type, name, urn }: Omit<Subject, "options">): Omit<Subject, "options"> {
    return { type, name, urn };
}

/** The SDK unpacks a resource's inputs again for each policy, unless the function carries the one type it is for. */
function onlyFor<Callback extends ResourceValidation | ResourceRemediation>(
    types: readonly string[] | "every",
    callback: Callback,
): Callback {
    return types.length === 1 ? Object.assign(callback, { __pulumiType: types[0] }) : callback;
}
