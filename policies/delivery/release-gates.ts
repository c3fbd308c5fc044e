import { UnknownValueError } from "@pulumi/policy";
import { checkpointOf } from "../../delivery/evidence/predicates";
import type { EvidenceFile } from "../../delivery/evidence/verify";
import type { Release } from "../../delivery/core/release";
import { judgeRelease, type Checkpoint, type Judgement, type JudgementRequest } from "../../delivery/gates";
import { show } from "../shared/findings";
import type { Unvalidated } from "../shared/unvalidated";
import { resourcePolicy, stackOf } from "../shared/policy";
import { specification } from "../shared/standards";
import { delivery } from "../shared/types";
import { admit, type Environment, environments, forget } from "./passed-release";

/** Inputs of the component, as far as they are judged. */
interface ReleaseInputs extends Release {
    readonly environment: Environment;
    readonly checkpoint: Checkpoint;
    readonly repository: string;
    readonly evidence: readonly EvidenceFile[];
    readonly trustedKeys: JudgementRequest["keys"];
    readonly limits: Readonly<Record<string, unknown>>;
}

/** A trusted key (docs/reference/evidence.md), perhaps for some environments only. */
interface PackKey {
    readonly keyId?: unknown;
    readonly duty?: unknown;
    readonly environments?: unknown;
}

interface Settings {
    readonly trustedKeys: readonly PackKey[];
    readonly repository: string;
}

/**
 * Judges the release again, with the same gates, by the pack's own clock. The author of the program or of its stack file
 * can name keys of their own as trusted, and so forge evidence. The pack's setting `trustedKeys` replaces those keys:
 * then only the holders of these keys can sign evidence. Production is never judged by keys that a program names.
 */
export const deliveryReleaseGates = resourcePolicy<ReleaseInputs, Settings>({
    name: "delivery-release-gates",
    description: "A release changes an environment only with signed evidence that passes every quality gate.",
    enforcementLevel: "mandatory",
    severity: "critical",
    ...specification("Section 5, Quality Gates", "Blocking gates before merge, staging and production"),
    remediationSteps:
        "Bring the evidence that the message names (docs/reference/evidence.md), or deploy a release that has it.",
    configSchema: {
        properties: {
            trustedKeys: {
                type: "array",
                items: { type: "object" },
                uniqueItems: true,
                default: [],
                description:
                    "Public keys that evidence may be signed with, in place of those that the program names " +
                    "(docs/reference/evidence.md, A trusted key), each for all environments or for those in its list " +
                    "environments; required for prod, and without one the program chooses staging's",
            },
            repository: {
                type: "string",
                default: "",
                description:
                    "Address of the repository that releases come from, such as https://github.com/relaypacs/gateway, " +
                    "in place of the one that the program names, which counts when this is empty",
            },
        },
    },
    types: [delivery.release],
    judge: (given, findings, { urn }) => {
        const stack = stackOf(urn);
        forget(stack);
        let refused = 0;
        const refuse = (sentence: string) => {
            refused += 1;
            findings.refuse(sentence);
        };
        const environment = environments.find((one) => one === given.environment);
        const own = environments.find((one) => one === stack);
        if (environment === undefined || (own !== undefined && environment !== own)) {
            const accepted = own === undefined ? environments : [own];
            refuse(`environment is ${show(given.environment)}; accepted: ${accepted.map(show).join(" or ")}.`);
            return;
        }
        const checkpoint = checkpointOf[environment];
        if (given.checkpoint !== checkpoint) {
            refuse(`checkpoint is ${show(given.checkpoint)}; accepted: ${show(checkpoint)}.`);
        }
        const keys = keysFor(environment, findings.settings.trustedKeys, given.trustedKeys ?? [], refuse);
        if (keys === undefined) return;
        const repository = findings.settings.repository || (given.repository ?? "");
        const judgement = judge(given, checkpoint, repository, keys, refuse);
        for (const outcome of judgement?.outcomes ?? []) if (outcome.status === "fail") refuse(outcome.message);
        // A rollback without an earlier admission is refused, whatever the gates say.
        if (refused === 0 && judgement?.status === "fail") refuse(judgement.remark ?? "The release is refused.");
        if (refused === 0) admit(stack, { urn, environment, images: given.images as Release["images"] });
    },
});

/** The keys that count for an environment; undefined where none may, after a refusal. */
function keysFor(
    environment: Environment,
    configured: readonly PackKey[],
    ofProgram: JudgementRequest["keys"],
    refuse: (sentence: string) => void,
): JudgementRequest["keys"] | undefined {
    const mistaken = configured.findIndex(({ environments: of }) => of !== undefined && !isListOfEnvironments(of));
    if (mistaken >= 0) {
        const found = show(configured[mistaken]?.environments);
        const accepted = `a list of ${environments.map(show).join(" or ")}, or nothing for both`;
        refuse(
            `trustedKeys[${mistaken}].environments in the policy pack's configuration is ${found}; accepted: ${accepted}.`,
        );
        return undefined;
    }
    // A key is listed once for each environment. With another duty in each it could state what another key must state.
    const duties = new Map(configured.map(({ duty, keyId }) => [keyId, duty]));
    const twofold = configured.find(({ duty, keyId }) => duty !== duties.get(keyId));
    if (twofold !== undefined) {
        const found = `the duties ${show(twofold.duty)} and ${show(duties.get(twofold.keyId))}`;
        refuse(
            `trustedKeys in the policy pack's configuration gives the key ${show(twofold.keyId)} ${found}; ` +
                "accepted: one duty, the same in all environments.",
        );
        return undefined;
    }
    const keys = configured
        .filter(({ environments: of }) => of === undefined || (of as readonly string[]).includes(environment))
        .map(({ environments: _, ...key }) => key);
    if (keys.length > 0) return keys;
    if (environment !== "prod") return ofProgram;
    refuse(
        "The setting trustedKeys of delivery-release-gates names no key for prod in the policy pack's configuration; " +
            "accepted: at least one public key, because the program may not choose whom production trusts.",
    );
    return undefined;
}

function isListOfEnvironments(given: unknown): boolean {
    return Array.isArray(given) && given.length > 0 && given.every((one) => environments.includes(one as Environment));
}

function judge(
    given: Unvalidated<ReleaseInputs>,
    checkpoint: Checkpoint,
    repository: string,
    keys: JudgementRequest["keys"],
    refuse: (sentence: string) => void,
): Judgement | undefined {
    const { version, commit, images, hotfix, rollback, limits } = given;
    const evidence = (given.evidence ?? []).map((one) => ({ source: one.source ?? "", envelope: one.envelope }));
    try {
        return judgeRelease(evidence, {
            checkpoint,
            repository,
            release: { version, commit, images, hotfix, rollback } as Release,
            now: new Date().toISOString(),
            keys,
            limits: limits ?? {},
        });
    } catch (error) {
        if (error instanceof UnknownValueError) throw error;
        refuse((error as Error).message);
        return undefined;
    }
}
