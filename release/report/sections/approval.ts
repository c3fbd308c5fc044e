import type { PageContents } from "../contents";
import type { ItemPredicate } from "../../../delivery/evidence/items";
import { ageText, DataTable, Fact, html, Link, Moment, Section, type Markup } from "../parts";

type Role = ItemPredicate<"approval">["decisions"][number]["role"];

export const roleNames: Readonly<Record<Role, string>> = {
    "engineering-manager": "Engineering Manager",
    "tech-lead": "Tech Lead",
    other: "other role",
};

/** Who has decided, and who may decide. */
export function ApprovalSection({ contents }: { contents: PageContents }): Markup {
    const { approverTeams, find, judgement, limits, now } = contents;
    const approval = find("approval");
    const authors = [...new Set([...(approval?.authors ?? []), ...(find("code-review")?.authors ?? [])])];
    const outcome = judgement.outcomes.find((one) => one.id === "human-approval");
    return html`<${Section} id="approval" title="Sign-off">
        ${outcome?.status !== "pass" && html`<p class="note">${outcome?.message}</p>`}
        ${
            approval &&
            approval.decisions.length > 0 &&
            html`<${DataTable}
                caption="Decisions"
                columns=${["Who", "Role", "Verdict", "When", "Comment"]}
                rows=${approval.decisions.map((one) => [
                    one.login,
                    roleNames[one.role],
                    `${one.verdict}${one.expedited ? ", expedited" : ""}`,
                    html`<${Moment} at=${one.decidedAt} /> (${ageText(one.decidedAt, now)})`,
                    one.comment ?? "–",
                ])}
            />`
        }
        <dl class="facts">
            <${Fact} name="Who may approve">
                An Engineering Manager or Tech Lead: members of ${" "}
                ${approverTeams.map((team, index) => html`${index > 0 ? " or " : ""}<b>${team}</b>`)}
            <//>
            ${authors.length > 0 && html`<${Fact} name="Who may not">The authors of the change: ${authors.join(", ")}<//>`}
            <${Fact} name="How long it counts">${limits.approvalAgeHours} h, for this build only<//>
            ${approval && html`<${Fact} name="Recorded at"><${Link} to=${approval.uri} /><//>`}
        </dl>
    <//>`;
}
