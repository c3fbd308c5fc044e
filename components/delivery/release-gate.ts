import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { judgeRelease, type Checkpoint, type Judgement } from "../../delivery/gates";
import { repositoryAddress } from "../../delivery/core/names";
import { visible } from "../../delivery/core/text";
import { readEvidence } from "../../delivery/evidence/folder";
import type { TrustedKey } from "../../delivery/evidence/keys";
import { checkpointOf } from "../../delivery/evidence/predicates";
import { judgedRelease, type Release as JudgedRelease, type ReleaseIdentity } from "../../delivery/core/release";
import type { EvidenceFile } from "../../delivery/evidence/verify";

/** A release that fails a gate, or can't be judged; shown without a stack trace, before any resource is registered. */
export class ReleaseDenied extends pulumi.RunError {}

/**
 * What the gates judge, all known values: a policy that reads a value which is not known yet only advises. No clock is
 * among them, so that an unchanged stack has an unchanged Release.
 */
export interface ReleaseGateArgs extends ReleaseIdentity {
    readonly environment: keyof typeof checkpointOf;
    /** Whether it skips staging's soak to end a P1 incident (specification, section 6). */
    readonly hotfix: boolean;
    /** Whether the environment goes back to it (specification, section 7). */
    readonly rollback: boolean;
    readonly checkpoint: Checkpoint;
    /** Address of the repository that the release must come from. */
    readonly repository: string;
    /** The signed evidence that the gates rest on, no more, because the stack's state keeps it. */
    readonly evidence: readonly EvidenceFile[];
    readonly trustedKeys: readonly TrustedKey[];
    /** Limits that are stricter than the specification's, by name. */
    readonly limits: Readonly<Record<string, number>>;
}

/** A release that may change its environment, and what people should know about it. */
export interface AdmittedRelease {
    readonly args: ReleaseGateArgs;
    readonly warnings: readonly string[];
}

/**
 * The release that changes an environment, with its evidence (specification, section 5). It has nothing outside the
 * stack's state: it is what the policy pack judges, and what everything that it may change depends on, so that nothing
 * is touched when the pack refuses it.
 */
export class ReleaseGate extends pulumi.ComponentResource {
    constructor(name: string, { args, warnings }: AdmittedRelease, options?: pulumi.ComponentResourceOptions) {
        // As a secret, its hundreds of lines of base64 are one word in a preview, and approvers' names are in no state file.
        super("relaypacs:delivery:Release", name, { ...args, evidence: pulumi.secret(args.evidence) }, options);
        for (const warning of warnings) void pulumi.log.warn(warning, this);
        const { version, commit, images } = args;
        // Depending on a component means depending on its children; without this one there would be none.
        new pulumi.Stash(name, { input: { version, commit, images } }, { parent: this });
        this.registerOutputs({ version, images });
    }
}

/** Settings that say which release is judged, by what. */
export interface ReleaseSettings {
    readonly environment: keyof typeof checkpointOf;
    readonly release?: JudgedRelease | undefined;
    readonly repository: { readonly owner: string; readonly name: string };
    readonly evidenceFolder: string;
    readonly trustedKeys: readonly TrustedKey[];
    readonly gateLimits: Readonly<Record<string, number>>;
}

/**
 * Reads a release's evidence and judges it at its environment's checkpoint, before anything is registered. The policy
 * pack judges once more, by its own clock.
 *
 * @returns undefined when there is no release yet (`bootstrap`)
 * @throws ReleaseDenied with a sentence for each gate that fails, or for what keeps the release from being judged
 */
export function admitRelease(settings: ReleaseSettings, now = new Date()): AdmittedRelease | undefined {
    const { environment, evidenceFolder, gateLimits: limits, release, trustedKeys } = settings;
    if (!release) return undefined;
    const { version, commit, images, hotfix, rollback = false } = release;
    const checkpoint = checkpointOf[environment];
    const repository = repositoryAddress(settings.repository);
    const deny = (problem: string) => new ReleaseDenied(`Release ${version} can't be judged: ${visible(problem)}`);
    if (trustedKeys.length === 0) {
        throw deny("relaypacs:trustedKeys is empty; it must name at least one public key that signs evidence.");
    }
    let evidence: readonly EvidenceFile[];
    let judgement: Judgement;
    try {
        evidence = readEvidence(path.resolve(evidenceFolder));
        judgement = judgeRelease(evidence, {
            checkpoint,
            release: judgedRelease(release),
            repository,
            now: now.toISOString(),
            keys: trustedKeys,
            limits,
        });
    } catch (error) {
        throw deny((error as Error).message);
    }
    const { admission, obligations, outcomes, remark, status } = judgement;
    const messages = (which: Judgement["status"]) =>
        outcomes.filter((one) => one.status === which).map((one) => visible(one.message));
    const remarks = remark === undefined ? [] : [remark];
    if (status === "fail") {
        const failing = [...messages("fail"), ...remarks].map((sentence) => `  - ${sentence}`);
        throw new ReleaseDenied(
            [`Release ${version} may not change ${environment}, and nothing was changed:`, ...failing].join("\n"),
        );
    }
    const used = [...outcomes.flatMap((one) => one.evidence), ...(admission ? [admission] : [])];
    const [sources, keyIds] = [new Set(used.map((one) => one.source)), new Set(used.map((one) => one.keyId))];
    return {
        args: {
            environment,
            checkpoint,
            repository,
            version,
            commit,
            images,
            hotfix,
            rollback,
            evidence: evidence.filter(({ source }) => sources.has(source)),
            trustedKeys: trustedKeys.filter(({ keyId }) => keyIds.has(keyId)),
            limits,
        },
        warnings: [...messages("warn"), ...remarks, ...obligations],
    };
}
