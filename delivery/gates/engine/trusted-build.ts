import type { Predicate } from "../../evidence/predicates";

type Provenance = Predicate<"provenance">;

/** Who builds releases, and how: what .github/workflows/publish.yml states, called by the gateway's workflow. */
export const trustedBuild = {
    /** The build platform (SLSA: `builder.id`). */
    builder: "https://github.com/actions/runner/github-hosted",
    buildType: "https://actions.github.io/buildtypes/workflow/v1",
    workflow: ".github/workflows/ci-cd.yml",
    ref: "refs/heads/main",
} as const;

/**
 * What in provenance is not as this platform builds, as SLSA verification compares it: builder, type of build, source
 * repository, workflow and its ref, and the commit. Clauses without a subject; none when all is as expected.
 *
 * @param repository address of the source repository
 * @see https://slsa.dev/spec/v1.1/verifying-artifacts
 */
export function foreignIn({ buildDefinition, runDetails }: Provenance, repository: string, commit: string): string[] {
    const { buildType, externalParameters, resolvedDependencies } = buildDefinition;
    const workflow = (externalParameters.workflow ?? {}) as Readonly<Record<string, unknown>>;
    const compared: readonly (readonly [what: string, found: unknown, expected: string])[] = [
        ["the builder", runDetails.builder.id, trustedBuild.builder],
        ["the type of build", buildType, trustedBuild.buildType],
        ["the repository", workflow.repository, repository],
        ["the workflow", workflow.path, trustedBuild.workflow],
        ["the ref", workflow.ref, trustedBuild.ref],
    ];
    const clauses = compared
        .filter(([, found, expected]) => found !== expected)
        .map(([what, found, expected]) =>
            found === undefined ? `does not name ${what} ${expected}` : `names ${what} ${show(found)}, not ${expected}`,
        );
    const source = `git+${repository}`;
    const fromCommit = resolvedDependencies?.some(
        ({ digest, uri }) => (uri === source || uri?.startsWith(`${source}@`)) && digest?.gitCommit === commit,
    );
    if (!fromCommit) clauses.push(`does not name commit ${commit.slice(0, 12)} of ${repository}`);
    return clauses;
}

const show = (found: unknown): string => (typeof found === "string" ? found : JSON.stringify(found)).slice(0, 200);
