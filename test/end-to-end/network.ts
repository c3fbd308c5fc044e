import { wrongConnections } from "../support/network/connections";
import { momentary, podsOf, removeIdle, startIdle } from "../support/network/pods";
import { api } from "./drills";
import { instance } from "./world";

/** The connections of an environment that are not as the table says. Idle pods stand in for those of a release's moments. */
export async function wrongIn(environment: "staging" | "prod"): Promise<string[]> {
    try {
        await startIdle(api.core, environment, Object.fromEntries(momentary.map((kind) => [kind, []])));
        const pods = await podsOf(api.core, environment);
        return await wrongConnections({
            instance,
            pods,
            // The sandbox backs nothing up, so what could be a backup's pod reaches nothing.
            has: { blueGreen: environment === "prod", backup: false, rehearsal: false },
        });
    } finally {
        await removeIdle(api.core, environment);
    }
}
