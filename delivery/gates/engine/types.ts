import type { ItemName } from "../../evidence/items";
import type { Release } from "../../core/release";
import type { Dossier } from "./dossier";
import type { Limits } from "./limits";

/**
 * When a release is judged: before the merge, before staging changes, after staging has been deployed and tested,
 * before production changes, and after a hotfix has been monitored.
 */
export const checkpoints = ["merge", "staging", "staging-verified", "production", "monitoring"] as const;
export type Checkpoint = (typeof checkpoints)[number];

/** The specification's tables of gates, and its section on hotfixes. */
export type Stage = "merge" | "staging" | "production" | "hotfix";

export type Status = "pass" | "warn" | "fail";

export interface GateContext {
    readonly release: Release;
    /** Address of the repository that releases come from. */
    readonly repository: string;
    /** The version that production runs, where it is known; `none` before its first release. */
    readonly productionVersion: string | undefined;
    /** RFC 3339, UTC. */
    readonly now: string;
    readonly limits: Limits;
}

/** What a gate says. */
export interface Judged {
    readonly status: Status;
    /** What the evidence shows, in words; `unknown` when it does not count. */
    readonly measured: string;
    /** What is accepted, in words, with the configured limits. */
    readonly limit: string;
    /** One sentence with what was measured and what is accepted. */
    readonly message: string;
    /** The evidence that was judged, by item and SHA-256 of the statement. */
    readonly evidence: readonly EvidenceReference[];
}

export interface EvidenceReference {
    readonly item: ItemName;
    readonly source: string;
    readonly sha256: string;
    readonly issuedAt: string;
    readonly measuredAt: string;
    readonly keyId: string;
}

/** A quality gate of the specification, section 5, or a rule of section 6. */
export interface Gate {
    readonly id: string;
    /** Where the specification asks for it. */
    readonly section: string;
    readonly title: string;
    /** What is accepted, in words, with the specification's limits. */
    readonly threshold: string;
    /** A warning gate does not stop a release by what it measures, but by evidence that does not count. */
    readonly level: "blocking" | "warning";
    readonly stage: Stage;
    readonly checkpoints: readonly Checkpoint[];
    /** For which releases: all, or hotfixes. */
    readonly releases: "all" | "hotfix";
    /** The evidence that it needs. */
    readonly needs: readonly ItemName[];
    readonly judge: (evidence: Dossier, context: GateContext) => Judged;
}
