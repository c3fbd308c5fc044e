import { subjectName } from "../../evidence/statement";
import { artifactKinds } from "../../evidence/predicates";
import { fromStaging } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { foreignIn, trustedBuild } from "../engine/trusted-build";
import { counted } from "../../core/text";

/**
 * Every artifact was built and stored, from this release's commit, by the builder, workflow and repository that are
 * trusted (specification, section 5, staging gates).
 */
export const buildSuccess = gate({
    id: "build-success",
    section: "5, Staging deployment gates: Build Success",
    title: "Build",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStaging,
    releases: "all",
    needs: ["build", "provenance"],
    limit: () =>
        `each image, the static assets and the build metadata, built from this release's commit by ${trustedBuild.workflow}`,
    measure: (found, { release, repository }) => {
        const { artifacts, result } = found.build[0].predicate;
        const problems = result === "succeeded" ? [] : ["the build failed"];
        for (const [service, digest] of Object.entries(release.images)) {
            const built = artifacts.some(
                (one) =>
                    one.kind === "container-image" &&
                    one.name === subjectName(service) &&
                    `sha256:${one.sha256}` === digest,
            );
            if (!built) problems.push(`the image of ${service} (${digest}) is not among the artifacts`);
        }
        for (const kind of artifactKinds) {
            if (!artifacts.some((one) => one.kind === kind)) problems.push(`no artifact of the kind ${kind} was built`);
        }
        for (const { predicate, statement } of found.provenance) {
            const names = statement.subject.map((one) => one.name).join(", ");
            for (const clause of foreignIn(predicate, repository, release.commit)) {
                problems.push(`the provenance of ${names} ${clause}`);
            }
        }
        return { measured: counted(artifacts.length, "artifact"), problems };
    },
});
