import { checkpointOf } from "../../evidence/predicates";
import type { Dossier, Lookup } from "./dossier";
import type { Checkpoint } from "./types";

type AdmissionItem = "admission-staging" | "admission-prod";
type Environment = keyof typeof checkpointOf;

/**
 * Looks up whether the environment behind a checkpoint has admitted and run exactly this release. An admission is
 * evidence like any other: its key must count now, it must be about this release, and it must not be too old.
 *
 * @returns undefined for a checkpoint without an environment, or when there is no admission at all
 */
export function admissionAt(checkpoint: Checkpoint, evidence: Dossier): Lookup<AdmissionItem> | undefined {
    const environment = (Object.keys(checkpointOf) as Environment[]).find((one) => checkpointOf[one] === checkpoint);
    if (environment === undefined || !evidence.has(`admission-${environment}`)) return undefined;
    return evidence.lookUp(`admission-${environment}`);
}
