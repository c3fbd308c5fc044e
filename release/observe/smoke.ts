import type { Predicate } from "../../delivery/evidence/predicates";
import { readJunit } from "../collect/junit";
import { testResultOf } from "../collect/predicates";
import type { ReleaseFile } from "../collect/release-file";
import { Attributes, descendants, parseXml } from "../collect/shared/xml";
import { ObserveError } from "./error";

/** The health checks among the tests of `release/smoke/main.ts`. */
const healthTests = new Set(["health", "API health"]);

/** The failure that `release/smoke/main.ts` reports for a status from 500 to 599. */
const serverErrorSentence = /answered 5\d\d, a server error/;

/**
 * The result of the smoke tests, from the JUnit report that `release/smoke/main.ts --junit` writes (specification,
 * section 4, stage 10).
 *
 * @param deployedAt when the deployment was complete, if that is known; earlier tests were of another release
 * @throws ReportError for a report that can't be read, ObserveError for a report of other tests
 */
export function smokeOf(
    text: string,
    file: string,
    release: ReleaseFile,
    deployedAt?: string,
): Predicate<"testResult"> {
    const run = readJunit(text, file);
    const cases = descendants(parseXml(text, file, "the smoke tests (release/smoke/main.ts --junit)"), "testcase");
    const health = cases.filter(({ attributes }) => healthTests.has(attributes.name ?? ""));
    if (health.length !== healthTests.size)
        throw new ObserveError(
            `${file} has no tests ${[...healthTests].join(" and ")}; it must be from release/smoke/main.ts.`,
        );
    const earliest = deployedAt ?? release.committedAt;
    if (run.startedAt.getTime() < Date.parse(earliest))
        throw new ObserveError(
            `${file} is from ${run.startedAt.toISOString()}, before ${deployedAt === undefined ? "the release's commit" : "the deployment was complete"} (${earliest}).`,
        );
    const entry = { kind: "junit", suite: "unit-backend", file, source: "smoke-tests" } as const;
    const result = testResultOf(run, entry, release);
    const [suite] = result.configuration;
    const messages = cases
        .flatMap((one) => descendants(one, "failure"))
        .map(({ attributes }) => attributes.message ?? "");
    return {
        ...result,
        configuration: [
            {
                ...suite,
                name: "smoke",
                annotations: {
                    ...suite.annotations,
                    slowestHealthSeconds: Math.max(
                        ...health.map((one) => new Attributes(one, file).decimal("time", "its duration in seconds")),
                    ),
                    serverErrors: messages.filter((message) => serverErrorSentence.test(message)).length,
                },
            },
        ],
    };
}
