import { subjectName } from "../../evidence/statement";
import { artifactKinds } from "../../evidence/predicates";
import { fromStaging } from "../engine/checkpoints";
import { gate } from "../engine/gate";
import { counted } from "../../core/text";

/** Every artifact was built and stored, from this release's commit (specification, section 5, staging gates). */
export const buildSuccess = gate({
    id: "build-success",
    section: "5, Staging deployment gates: Build Success",
    title: "Build",
    level: "blocking",
    stage: "staging",
    checkpoints: fromStaging,
    releases: "all",
    needs: ["build", "provenance"],
    limit: () => "each image, the static assets and the build metadata, built from this release's commit",
    measure: (found, { release }) => {
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
        const elsewhere = found.provenance.filter(
            ({ predicate }) =>
                !predicate.buildDefinition.resolvedDependencies?.some(
                    (one) => one.digest?.gitCommit === release.commit,
                ),
        );
        for (const { statement } of elsewhere) {
            const names = statement.subject.map((one) => one.name).join(", ");
            problems.push(`the provenance of ${names} does not name commit ${release.commit.slice(0, 12)}`);
        }
        return { measured: counted(artifacts.length, "artifact"), problems };
    },
});
