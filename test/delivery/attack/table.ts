import type { Attack } from "./attack";
import { authenticityAttacks } from "./authenticity";
import { decisionAttacks } from "./decisions";
import { measurementAttacks } from "./measurements";
import { momentAttacks } from "./moments";
import { originAttacks } from "./origin";

/** Every attack on the gates, by what is forged. */
export const evidenceAttacks: Readonly<Record<string, readonly Attack[]>> = {
    "Evidence that does not count": authenticityAttacks,
    "Moments and their order": momentAttacks,
    "Where things come from": originAttacks,
    "What was measured": measurementAttacks,
    "What people decided": decisionAttacks,
};
