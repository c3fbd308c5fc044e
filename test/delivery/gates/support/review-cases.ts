import type { ItemPredicate } from "../../../../delivery/evidence/items";
import { casesOf, changed, type LimitCase } from "./cases";
import { repository } from "./contents";

const sast = casesOf("static-analysis");
type Finding = ItemPredicate<"bandit">["findings"][number];
const finding =
    (severity: Finding["severity"], resolution?: Finding["resolution"]) => (one: ItemPredicate<"bandit">) => {
        one.findings = [{ rule: "B602", severity, file: "app/run.py", line: 12, ...(resolution && { resolution }) }];
    };
const reason = { ticket: "RP-5", justification: "The command is constant" };
const sastCases = [
    sast("pass", "nothing found", {}, "pass", "0 high findings of 0 in all"),
    sast(
        "at",
        "a high false positive",
        changed("bandit", finding("high", { kind: "false-positive", ...reason })),
        "pass",
        "0 high findings of 1 in all",
    ),
    sast(
        "just above",
        "a high finding",
        changed("bandit", finding("high")),
        "fail",
        "1 high finding: B602 at app/run.py:12 (bandit)",
    ),
    sast(
        "other",
        "a high finding that was accepted",
        changed("bandit", finding("high", { kind: "accepted", ...reason })),
        "fail",
        "1 high finding: B602 at app/run.py:12 (bandit)",
    ),
    sast(
        "other",
        "a high finding by ESLint",
        changed("eslint-security", finding("high")),
        "fail",
        "1 high finding: B602 at app/run.py:12 (eslint-security)",
    ),
    sast(
        "other",
        "a medium finding",
        changed("bandit", finding("medium")),
        "warn",
        "0 high findings of 1 in all; 1 lesser finding not addressed: B602 at app/run.py:12 (bandit)",
    ),
    sast(
        "other",
        "a medium finding that was accepted",
        changed("bandit", finding("medium", { kind: "accepted", ...reason })),
        "pass",
        "0 high findings of 1 in all",
    ),
];

const review = casesOf("code-review");
type Review = ItemPredicate<"code-review">["reviews"][number];
const reviews = (...list: Partial<Review>[]) =>
    changed("code-review", (one) => {
        one.reviews = list.map((each) => ({ ...one.reviews[0]!, ...each }));
    });
const codeReviewCases = [
    review("pass", "one approval", {}, "pass", "1 approval by grace"),
    review("just below", "no approval", reviews(), "fail", "0 approvals"),
    review("at", "one approval", reviews({ login: "Grace" }), "pass", "1 approval by grace"),
    review("just above", "two approvals", reviews({}, { login: "linus" }), "pass", "2 approvals by grace and linus"),
    ...["dependabot[bot]", "renovate[bot]", "github-actions", "Copilot"].map((login) =>
        review("other", `an approval by ${login}`, reviews({ login }), "fail", `0 approvals; ${login} is not a person`),
    ),
    review(
        "other",
        "approvals by two machines",
        reviews({ login: "a[bot]" }, { login: "b[bot]" }),
        "fail",
        "0 approvals; a[bot] and b[bot] are not persons",
    ),
    review(
        "other",
        "approvals by a person and a machine",
        reviews({}, { login: "a[bot]" }),
        "pass",
        "1 approval by grace",
    ),
    review(
        "other",
        "a machine's request for changes",
        reviews({}, { login: "a[bot]", state: "changes-requested" }),
        "fail",
        "a[bot] requested changes",
    ),
    review("other", "an approval by a person called bot", reviews({ login: "robot" }), "pass", "1 approval by robot"),
    ...["https://github.com/mallory/gateway/pull/57", `${repository}-2/pull/57`, `${repository}/issues/57`].map((uri) =>
        review(
            "other",
            `the pull request ${uri}`,
            changed("code-review", (one) => (one.pullRequest = uri)),
            "fail",
            `${uri} is not a pull request of ${repository}`,
        ),
    ),
    review("other", "an approval by an author", reviews({ login: "ADA" }), "fail", "0 approvals"),
    review(
        "other",
        "the reviews of another change",
        changed("code-review", (one) => (one.mergeCommit = "e".repeat(40))),
        "fail",
        "commit eeeeeeeeeeee was reviewed, the release is of cccccccccccc",
    ),
    review(
        "other",
        "the reviews of another change, not merged",
        changed("code-review", (one) => delete one.mergeCommit),
        "fail",
        "commit aaaaaaaaaaaa was reviewed, the release is of cccccccccccc",
    ),
    review(
        "other",
        "the reviews of the release's commit, before the merge",
        changed("code-review", (one) => {
            delete one.mergeCommit;
            one.headCommit = "c".repeat(40);
            one.reviews[0]!.commit = one.headCommit;
        }),
        "pass",
        "1 approval by grace",
    ),
    review("other", "an approval of an older commit", reviews({ commit: "e".repeat(40) }), "fail", "0 approvals"),
    review(
        "other",
        "an approval and changes requested",
        reviews({}, { login: "linus", state: "changes-requested" }),
        "fail",
        "linus requested changes",
    ),
    review(
        "other",
        "only changes requested",
        reviews({ state: "changes-requested" }),
        "fail",
        "0 approvals; grace requested changes",
    ),
    review(
        "other",
        "two approvals by one person, which count once",
        reviews({}, { login: "GRACE" }),
        "fail",
        "1 approval by grace",
        {
            limits: { reviewApprovals: 2 },
            accepts:
                "at least 2 approvals of the last commit, each by a person who is not an author; no changes requested",
        },
    ),
];

export const reviewCases: readonly LimitCase[] = [...sastCases, ...codeReviewCases];
