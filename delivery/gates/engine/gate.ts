import type { ItemName } from "../../evidence/items";
import type { Dossier, Found } from "./dossier";
import { stricterLimits, type Limits } from "./limits";
import type { EvidenceReference, Gate, GateContext, Judged, Status } from "./types";

/** What a gate measures in evidence that counts. */
export interface Measurement {
    /** What the evidence shows, in words. */
    readonly measured: string;
    /** What is not accepted, each a clause. The gate passes when there is none. */
    readonly problems: readonly string[];
    /** What is accepted with a warning, each a clause. */
    readonly concerns?: readonly string[];
}

/** The statements of each item that a gate needs: one, or one for each image. */
export type FoundItems<Needs extends ItemName> = { readonly [Item in Needs]: readonly [Found<Item>, ...Found<Item>[]] };

/** What a gate may use in addition to its evidence. */
export interface MeasureContext extends GateContext {
    /** All evidence of the release, for what is compared with the gate's own. */
    readonly evidence: Dossier;
}

interface GateRule<Needs extends ItemName> extends Omit<Gate, "judge" | "threshold" | "needs"> {
    readonly needs: readonly Needs[];
    readonly limit: (limits: Limits) => string;
    readonly measure: (found: FoundItems<Needs>, context: MeasureContext) => Measurement;
    /** Why this release is exempt, as a clause; undefined when it is not. */
    readonly exemption?: (evidence: Dossier, context: GateContext) => string | undefined;
}

/**
 * Creates a gate from a measurement. Missing evidence, and evidence that does not count, fails every gate before anything
 * is measured.
 */
export function gate<Needs extends ItemName>(rule: GateRule<Needs>): Gate {
    const { limit: describe, measure, exemption, ...description } = rule;
    const { title, level, needs } = rule;

    const judge = (evidence: Dossier, context: GateContext): Judged => {
        const limit = describe(context.limits);
        const answer = (
            status: Status,
            measured: string,
            clauses: readonly string[],
            used: readonly EvidenceReference[],
        ) => {
            const message = `${title}: ${clauses.join("; ")} (accepted: ${limit}).`;
            return { status, measured, limit, message, evidence: used };
        };
        const exempt = exemption?.(evidence, context);
        if (exempt !== undefined) return answer("warn", "not measured", [exempt], []);

        const found: Partial<Record<Needs, readonly Found[]>> = {};
        const absent: string[] = [];
        for (const item of needs) {
            const lookup = evidence.lookUp(item);
            if (lookup.found) found[item] = lookup.found;
            else absent.push(lookup.problem);
        }
        const used = needs.flatMap((item) => (found[item] ?? []).map(reference));
        if (absent.length > 0) return answer("fail", "unknown", absent, used);

        const measurement = measure(found as FoundItems<Needs>, { ...context, evidence });
        const { measured, problems, concerns = [] } = measurement;
        if (problems.length > 0) return answer(level === "blocking" ? "fail" : "warn", measured, problems, used);
        if (concerns.length > 0) return answer("warn", measured, [measured, ...concerns], used);
        return answer("pass", measured, [measured], used);
    };
    return { ...description, threshold: describe(stricterLimits()), judge };
}

/** How an outcome refers to its evidence. */
export function reference({ item, source, sha256, issuedAt, measuredAt, keyId }: Found): EvidenceReference {
    return { item, source, sha256, issuedAt, measuredAt, keyId };
}
