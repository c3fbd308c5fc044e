import type { ItemPredicate } from "../../../delivery/evidence/items";
import { ago, day, hour, minute, release } from "../gates/support/contents";
import { evidence, seal, signers, statementOf, type Spoiler, type Spoilers } from "../gates/support/world";
import { attack, hotfixAttack, lie, type Attack } from "./attack";

type Decision = ItemPredicate<"approval">["decisions"][number];
type Plan = ItemPredicate<"rollback-plan">;

const machines = [
    "dependabot[bot]",
    "renovate[bot]",
    "github-actions[bot]",
    "github-actions",
    "dependabot",
    "Copilot",
    "ghost",
];
const authors = ["ada", "ADA", "Ada"];

const decided = (change: Partial<Decision>) => lie("approval", (one) => Object.assign(one.decisions[0]!, change));
const reviewed = (change: object) => lie("code-review", (one) => Object.assign(one.reviews[0]!, change));
const planned = (change: Partial<Plan>) => lie("rollback-plan", (one) => Object.assign(one, change));
const tried = (change: Partial<NonNullable<Plan["test"]>>) =>
    lie("rollback-plan", (one) => Object.assign(one.test!, change));
const trial = `its test at ${ago(6 * hour)}`;

const noWayBack = [
    ["1.4.1", "1.4.1"],
    ["1.4.0", "1.4.1"],
    ["1.4.1", "1.4.2"],
    ["9.9.9", "9.9.8"],
    ["1.4.3", "1.4.2"],
    ["1.10.0", "1.9.0"],
    ["this one", "that one"],
] as const;

/** The incident of the hotfix, as its evidence and as the tracker tell it. */
const tracked = (change: object) => lie("incidents", (one) => Object.assign(one.incidents[0]!, change));
const opened = (at: string): Spoilers => ({
    ...lie("hotfix", (one) => (one.incident.openedAt = at)),
    ...tracked({ openedAt: at }),
});
const rehearsed = (at: string): Spoilers => ({
    ...lie("hotfix", (one) => (one.rollbackRehearsedAt = at)),
    ...tried({ testedAt: at }),
});
const tracker = "https://incidents.example/api";
const notListed = `INC-42 (https://incidents.example/INC-42) is not in the list of ${tracker}`;

/** An admission of production that does not count. A rollback has nothing else. */
const admission = (spoiler: Spoiler) => ({
    source: "admission.json",
    envelope: seal(
        JSON.stringify(statementOf("admission-prod", { issuedAt: ago(10 * minute), ...spoiler })),
        spoiler.key ?? signers.production,
    ),
});
const rollback = { release: { ...release, rollback: true } };
const unadmitted = (title: string, files: Attack["files"], sentence: string): Attack => {
    return { title, spoilers: {}, files, request: rollback, refusedBy: "admission", sentence };
};
const asOfNow = "; the gates judge as of now.";

export const decisionAttacks: readonly Attack[] = [
    ...machines.flatMap((login) => [
        attack(`an approval by ${login}`, decided({ login }), "human-approval", `${login} is not a person`),
        attack(`a review by ${login}`, reviewed({ login }), "code-review", `0 approvals; ${login} is not a person`),
    ]),
    ...authors.flatMap((login) => [
        attack(
            `an approval by the author, as ${login}`,
            decided({ login }),
            "human-approval",
            `${login} is an author of the change`,
        ),
        attack(`a review by the author, as ${login}`, reviewed({ login }), "code-review", "0 approvals"),
    ]),
    attack(
        "an approval by another role",
        decided({ role: "other" }),
        "human-approval",
        "margaret is neither Engineering Manager nor Tech Lead",
    ),
    attack(
        "a rejection",
        decided({ verdict: "rejected" }),
        "human-approval",
        "rejected by margaret (tech-lead); no one approved",
    ),
    attack(
        "no decision",
        lie("approval", (one) => (one.decisions = [])),
        "human-approval",
        "no one approved",
    ),
    attack(
        "an approval beside a rejection",
        lie("approval", (one) => one.decisions.push({ ...one.decisions[0]!, login: "barbara", verdict: "rejected" })),
        "human-approval",
        "rejected by barbara (tech-lead)",
    ),
    attack("a review of an older commit", reviewed({ commit: "e".repeat(40) }), "code-review", "0 approvals"),
    attack(
        "a review of another change",
        lie("code-review", (one) => (one.mergeCommit = "e".repeat(40))),
        "code-review",
        "commit eeeeeeeeeeee was reviewed, the release is of cccccccccccc",
    ),
    attack(
        "no review",
        lie("code-review", (one) => (one.reviews = [])),
        "code-review",
        "0 approvals",
    ),

    attack(
        "a way back to this very release",
        planned({ previousVersion: "1.4.2" }),
        "rollback-plan",
        "it goes back to 1.4.2, this very release",
    ),
    ...["1.4.0", "1.3.9", "none"].map((productionVersion) =>
        attack(
            `a way back to 1.4.1 where production runs ${productionVersion}`,
            {},
            "rollback-plan",
            `it goes back to 1.4.1, but production runs ${productionVersion}`,
            { request: { productionVersion } },
        ),
    ),
    ...["my laptop", "prod", "Staging", "a sandbox"].map((environment) =>
        attack(
            `a way back that was tried in ${environment}`,
            tried({ environment }),
            "rollback-plan",
            `it was tested in ${environment}`,
        ),
    ),
    attack("a way back that was tried in 0 s", tried({ durationSeconds: 0 }), "rollback-plan", `${trial} took no time`),
    ...noWayBack.map(([fromVersion, toVersion]) =>
        attack(
            `a way back that was tried from ${fromVersion} to ${toVersion}`,
            tried({ fromVersion, toVersion }),
            "rollback-plan",
            `${trial} went from ${fromVersion} to ${toVersion}, which is no way back`,
        ),
    ),
    attack(
        "a way back that was tried with unknown versions",
        lie("rollback-plan", (one) => delete one.test!.fromVersion),
        "rollback-plan",
        `${trial} does not say from which version to which it went back`,
    ),
    attack(
        "a way back that was tried in an unknown way",
        lie("rollback-plan", (one) => delete one.test!.application),
        "rollback-plan",
        `${trial} does not say how the services went back`,
    ),
    attack(
        "a way back that was never tried",
        lie("rollback-plan", (one) => delete one.test),
        "rollback-plan",
        "it was never tested",
    ),
    attack(
        "a way back whose trial failed",
        tried({ result: "failed" }),
        "rollback-plan",
        `its test in staging at ${ago(6 * hour)} failed`,
    ),
    attack(
        "a way back that was tried long ago",
        tried({ testedAt: ago(91 * day) }),
        "rollback-plan",
        `it was last tested at ${ago(91 * day)}`,
    ),
    attack(
        "a way back by another plan than was tried",
        planned({ documentSha256: "4".repeat(64) }),
        "rollback-plan",
        `it has changed since it was tested at ${ago(6 * hour)}`,
    ),
    ...[undefined, "0d1e"].map((productionRevision) =>
        attack(
            `a changed database that needs no way back (production at ${productionRevision ?? "staging's revision"})`,
            planned({ database: "none-needed", productionRevision }),
            "rollback-plan",
            `it leaves the database as it is, but the release changes it from ${productionRevision ?? "1f0a"} to 2b7c`,
        ),
    ),

    hotfixAttack(
        "a hotfix for a P2 incident",
        { ...lie("hotfix", (one) => (one.incident.priority = "P2")), soak: {} },
        "hotfix-incident",
        "INC-42 (P2)",
    ),
    ...(["P2", "P3", "P4", "P5"] as const).map((priority) =>
        hotfixAttack(
            `a hotfix for an incident that the tracker lists as ${priority}`,
            tracked({ priority }),
            "hotfix-incident",
            `${tracker} lists INC-42 as ${priority}`,
        ),
    ),
    hotfixAttack(
        "a hotfix for an incident that the tracker does not list",
        lie("incidents", (one) => (one.incidents = [])),
        "hotfix-incident",
        notListed,
    ),
    hotfixAttack(
        "a hotfix for the number of an incident at another address",
        tracked({ uri: "https://incidents.example/INC-1" }),
        "hotfix-incident",
        notListed,
    ),
    ...[day + 1, 3 * day, 6 * day].map((age) =>
        hotfixAttack(
            `a hotfix for an incident that was opened ${age} s ago`,
            opened(ago(age)),
            "hotfix-incident",
            `INC-42 was opened at ${ago(age)}`,
        ),
    ),
    ...[hour, -hour].map((seconds) =>
        hotfixAttack(
            `a hotfix for an incident that the tracker opened ${seconds} s before`,
            tracked({ openedAt: ago(12 * hour + seconds) }),
            "hotfix-incident",
            `${tracker} says that INC-42 was opened at ${ago(12 * hour + seconds)}, not at ${ago(12 * hour)}`,
        ),
    ),
    ...[0, 1, 59].map((minutes) =>
        hotfixAttack(
            `a hotfix that is watched for ${minutes} min`,
            lie("hotfix", (one) => (one.monitoringMinutes = minutes)),
            "hotfix-watch",
            `monitoring for ${minutes === 0 ? "0 s" : `${minutes} min`}`,
        ),
    ),
    hotfixAttack(
        "a hotfix without a test",
        lie("hotfix", (one) => (one.addedTests = [])),
        "hotfix-test",
        "no added test",
    ),
    hotfixAttack(
        "a hotfix whose way back was never rehearsed",
        lie("hotfix", (one) => delete one.rollbackRehearsedAt),
        "hotfix-rollback",
        "never rehearsed",
    ),
    hotfixAttack(
        "a hotfix whose way back was rehearsed yesterday",
        rehearsed(ago(day + 1)),
        "hotfix-rollback",
        `rehearsed at ${ago(day + 1)}`,
    ),
    hotfixAttack(
        "a hotfix that claims a later rehearsal than the plan has",
        lie("hotfix", (one) => (one.rollbackRehearsedAt = ago(5 * hour))),
        "hotfix-rollback",
        `rehearsed at ${ago(5 * hour)}, but the rollback plan was last tested at ${ago(6 * hour)}`,
    ),
    hotfixAttack(
        "a hotfix with an ordinary approval",
        { approval: {} },
        "hotfix-approval",
        "no expedited approval that counts",
    ),
    hotfixAttack(
        "a hotfix with an expedited approval by a machine",
        decided({ login: "dependabot[bot]", expedited: true }),
        "hotfix-approval",
        "no expedited approval that counts",
    ),
    hotfixAttack(
        "a hotfix without smoke tests in staging",
        { smoke: { missing: true } },
        "smoke-tests",
        "Smoke test evidence is missing",
    ),
    hotfixAttack(
        "a hotfix that was never in staging",
        { "staging-deployment": { missing: true } },
        "staging-deployment",
        "Staging deployment evidence is missing",
    ),

    unadmitted(
        "a rollback to a release that never ran here",
        [],
        "No admission shows that this release has run here; a rollback requires one.",
    ),
    unadmitted(
        "a rollback to a release that only staging admitted",
        evidence({ "admission-staging": { issuedAt: ago(10 * minute) } }, ["admission-staging"]),
        "No admission shows that this release has run here; a rollback requires one.",
    ),
    unadmitted(
        "a rollback by an admission that ended after it was signed",
        [admission({ change: (one: { completedAt: string }) => (one.completedAt = ago(8 * minute)) })],
        `Production admission evidence is contradictory: completedAt is ${ago(8 * minute)}, after it was issued at ${ago(10 * minute)}${asOfNow}`,
    ),
    unadmitted(
        "a rollback by an admission of another version",
        [admission({ restate: (one) => (one.relaypacsRelease.version = "1.4.3") })],
        "Production admission evidence is replayed from release 1.4.3 (commit cccccccccccc); " +
            `this is 1.4.2 (commit cccccccccccc)${asOfNow}`,
    ),
];
