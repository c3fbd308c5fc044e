import { z } from "zod";
import { repository, teamRoles } from "../settings/schema";
import { stackSetting } from "./stack-settings";

const governed = z.object({ approverTeams: repository.shape.approverTeams });

/** What the members of a team are, by the team's slug. */
export type ApproverTeams = z.infer<typeof governed>["approverTeams"];

/**
 * Teams whose members may sign production off, and what these are (specification, section 5): the setting
 * `repository.approverTeams` of the stack prod, by which GitHub's environment has its reviewers, too.
 *
 * @throws Error for a setting that is not accepted
 */
export function approverTeams(): ApproverTeams {
    const given = (stackSetting("repository", "prod") ?? {}) as { readonly approverTeams?: unknown };
    const read = governed.safeParse(given);
    if (read.success) return read.data.approverTeams;
    const accepted = teamRoles.description ?? "";
    throw new Error(
        `relaypacs:repository.approverTeams of prod is ${JSON.stringify(given.approverTeams)}; it must be ${accepted}.`,
    );
}
