import { fromStagingVerified } from "../engine/checkpoints";
import { gate } from "../engine/gate";

/** The database of staging is at the newest revision of this release (specification, section 5, staging gates). */
export const migrationStatus = gate({
    id: "migration-status",
    section: "5, Staging deployment gates: Migration Status",
    title: "Migration",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStagingVerified,
    releases: "all",
    needs: ["migration-staging"],
    limit: () => "applied in staging by alembic up to the release's newest revision",
    measure: (found) => {
        const { result, fromRevision, toRevision, headRevision, tool } = found["migration-staging"][0].predicate;
        const measured = `from ${fromRevision} to ${toRevision}`;
        const problems = result === "succeeded" ? [] : [`it failed on the way ${measured}`];
        if (tool !== "alembic") problems.push(`it was made with ${tool}`);
        if (toRevision !== headRevision)
            problems.push(`the database is at ${toRevision}, the newest is ${headRevision}`);
        return { measured, problems };
    },
});
