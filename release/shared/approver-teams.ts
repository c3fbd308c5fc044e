import { z } from "zod";
import { repository, teamRoles } from "../../settings/schema";
import { stackSetting } from "../../settings/stack-values";

const governed = z.object({ approverTeams: repository.shape.approverTeams });

/** The role of a team's members, by the team's slug. */
export type ApproverTeams = z.infer<typeof governed>["approverTeams"];

/**
 * The teams whose members may approve a release for production, with their roles (specification, section 5). They come
 * from the setting `repository.approverTeams` of the stack prod, as the reviewers of GitHub's environment do.
 *
 * @throws Error when the setting is not valid
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
