import { createRequire } from "node:module";
import type { Policies } from "@pulumi/policy";
import { typesOf } from "./policy";

/** The request to judge one resource, as far as it matters here. */
export interface RequestClass {
    readonly prototype: { getType: (this: object) => string };
}

/** The class of the SDK's requests to judge or to remediate one resource. */
export function requestOfResources(): RequestClass {
    const load = createRequire(__filename);
    return (load("@pulumi/pulumi/proto/analyzer_pb") as { AnalyzeRequest: RequestClass }).AnalyzeRequest;
}

type Policy = Policies[number];

/** Gives the policies that may be about the resource that is being judged, and all of them where none is. */
class ApplicablePolicies extends Array<Policy> {
    private readonly byType = new Map<string, readonly Policy[]>();
    /** The type of the resource that the SDK has just been asked about. */
    asked: string | undefined;

    override [Symbol.iterator](): ArrayIterator<Policy> {
        const type = this.asked;
        this.asked = undefined;
        return type === undefined ? super[Symbol.iterator]() : this.about(type)[Symbol.iterator]();
    }

    private about(type: string): readonly Policy[] {
        let found = this.byType.get(type);
        if (found === undefined) {
            found = [...super[Symbol.iterator]()].filter((policy) => applies(policy, type));
            this.byType.set(type, found);
        }
        return found;
    }
}

/** Whether a policy may be about resources of a type. One that says nothing about types is about each. */
export function applies(policy: Policy, type: string): boolean {
    if ("validateStack" in policy) return false;
    const types = typesOf(policy);
    return types === "every" || types.length === 0 || types.includes(type);
}

/**
 * Lets the SDK ask only the policies that are about a resource's type. It would unpack the resource for each of the
 * others, and send the engine a sentence for each, which costs more than judging. It reads a request's type right before
 * it goes through the policies, in one turn of the event loop, so no other request comes between. If a later SDK does
 * so in another way, it goes through all policies, which becomes slower and stays correct.
 *
 * @returns the policies for the pack, and what undoes the change
 */
export function onlyApplicable(
    policies: Policies,
    { prototype }: RequestClass = requestOfResources(),
): { readonly policies: Policies; readonly takeBack: () => void } {
    const { getType } = prototype;
    const applicable = ApplicablePolicies.from(policies) as ApplicablePolicies;
    prototype.getType = function () {
        const type = getType.call(this);
        applicable.asked = type;
        // Forgotten before anything else runs.
        queueMicrotask(() => {
            applicable.asked = undefined;
        });
        return type;
    };
    return {
        policies: applicable,
        takeBack: () => {
            prototype.getType = getType;
        },
    };
}
