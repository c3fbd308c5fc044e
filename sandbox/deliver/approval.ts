import { techLead } from "../parts/github/relaypacs";
import type { ActiveRun } from "../runner/records";
import { gatewayPath } from "./exchange";
import { githubOf } from "./github";

/** Approves what waits in an environment, as the tech lead does it at GitHub after reading the page. */
export async function approve(api: string, run: ActiveRun, environment: string): Promise<void> {
    const github = githubOf(api, techLead);
    const path = `${gatewayPath}/actions/runs/${run.id}/pending_deployments`;
    const waiting = await github<{ environment: { id: number; name: string } }[]>("GET", path);
    const ids = waiting
        .filter(({ environment: { name } }) => name === environment)
        .map(({ environment: { id } }) => id);
    await github("POST", path, { environment_ids: ids, state: "approved", comment: "Read the page." });
}
