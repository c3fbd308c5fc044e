import type { Judgement } from "..";
import { checkpointOf, type Predicate } from "../../evidence/predicates";

/**
 * The record that a release was admitted and runs, to be signed when its deployment has succeeded. An admission that is
 * based on an older one keeps that one's time, so that it never makes evidence younger.
 *
 * @param judgement what the gates said before the deployment, at the environment's checkpoint
 * @param completedAt when the deployment had succeeded, RFC 3339, UTC
 * @throws Error for a release that a gate refused
 */
export function admissionOf(
    environment: keyof typeof checkpointOf,
    judgement: Pick<Judgement, "asOf" | "outcomes">,
    completedAt: string,
): Predicate<"admission"> {
    const gates = judgement.outcomes.map(({ id, status }) => {
        if (status === "fail") throw new Error(`The release fails the gate ${id}; it can't be admitted.`);
        return { id, status };
    });
    return { environment, checkpoint: checkpointOf[environment], admittedAt: judgement.asOf, completedAt, gates };
}
