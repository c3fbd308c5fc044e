import { z } from "zod";
import { minuteOf } from "../../delivery/core/time";
import { repository } from "../../settings/schema";
import { GitHub } from "../observe/github";
import { act, well, type Line } from "./line";

const runs = z.object({ workflow_runs: z.array(z.object({ id: z.number(), html_url: z.string() })) });
const jobs = z.object({
    jobs: z.array(
        z.object({ name: z.string(), conclusion: z.string().nullable(), completed_at: z.string().nullable() }),
    ),
});

/**
 * What the workflow Drift (.github/workflows/drift.yml) found last.
 *
 * @param setting `relaypacs:repository`
 * @throws Error, one sentence, when GitHub can't be asked
 */
export async function driftLines(
    stack: string,
    setting: unknown,
    githubOf = (name: string) => new GitHub(name),
): Promise<readonly Line[]> {
    const look = `To look now: npx release drift --stack ${stack}.`;
    const read = repository.safeParse(setting);
    if (!read.success)
        throw new Error(`relaypacs:repository of ${stack} names no repository, so the last drift is not known`);
    const name = `${read.data.owner}/${read.data.platform}`;
    const github = githubOf(name);
    const path = `repos/${name}/actions`;
    const last = await github.find(`${path}/workflows/drift.yml/runs?branch=main&status=completed&per_page=1`, runs);
    const [run] = last?.workflow_runs ?? [];
    if (!run) return [well(`The workflow Drift has not run in ${name}. ${look}`)];
    const of = await github.get(`${path}/runs/${String(run.id)}/jobs?per_page=100`, jobs);
    const job = of.jobs.find((one) => one.name === `drift (${stack})`);
    const at = job?.completed_at ? ` on ${minuteOf(job.completed_at)}` : "";
    if (job?.conclusion === "success") return [well(`Nothing had drifted${at}. ${look}`)];
    if (job?.conclusion === "failure")
        return [act(`Something had drifted${at}, or could not be looked at: ${run.html_url}`)];
    return [well(`The last run of the workflow Drift has not looked at ${stack}. ${look}`)];
}
