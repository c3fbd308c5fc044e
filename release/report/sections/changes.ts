import { counted } from "../../../delivery/core/text";
import { subjectOf, type Change } from "../changes";
import type { PageContents } from "../contents";
import { DataTable, Fact, html, isWebAddress, Link, Moment, Section, Tag, type Markup } from "../parts";

/** Number of commits that are always visible; the others are folded away. */
const alwaysVisible = 8;

/** The version that runs now: as it was given, or else by the rollback plan. */
export function runningVersion({ find, previousVersion }: PageContents): string | undefined {
    return previousVersion ?? find("rollback-plan")?.previousVersion;
}

/** What changes: version, commits, database migration, image digests. */
export function ChangesSection({ contents }: { contents: PageContents }): Markup {
    const { changes, find, release, repository } = contents;
    const migration = find("migration-staging");
    const planned = find("rollback-plan")?.previousVersion;
    const from = runningVersion(contents);
    return html`<${Section} id="changes" title="What changes">
        <dl class="facts">
            <${Fact} name="Version">${from === undefined ? "" : `${from} → `}<b>${release.version}</b><//>
            <${Fact} name="Database">${migration ? migrationText(migration) : "No migration evidence that counts"}<//>
            <${Fact} name="Pull request"> ${pullRequest(contents)} <//>
        </dl>
        ${
            planned !== undefined &&
            from !== planned &&
            html`<p class="note">The rollback plan goes back to ${planned}, but ${from} runs now.</p>`
        }
        ${
            changes
                ? html`<h3>
                          ${changes.commits.length === 0 ? "No new commit" : counted(changes.commits.length, "commit")}
                      </h3>
                      <${Commits} list=${changes.commits.slice(0, alwaysVisible)} repository=${repository} />
                      ${
                          changes.commits.length > alwaysVisible &&
                          html`<details>
                              <summary>${changes.commits.length - alwaysVisible} more</summary>
                              <${Commits} list=${changes.commits.slice(alwaysVisible)} repository=${repository} />
                          </details>`
                      }`
                : html`<p class="note">The list of commits was not given.</p>`
        }
        <${DataTable}
            caption="Images"
            columns=${["Service", "Digest"]}
            rows=${Object.entries(release.images).map(([service, digest]) => [service, html`<code>${digest}</code>`])}
        />
    <//>`;
}

function migrationText(migration: { fromRevision: string; toRevision: string; result: string }): Markup {
    const { fromRevision, result, toRevision } = migration;
    if (fromRevision === toRevision) return html`No migration; at revision <code>${toRevision}</code>`;
    return html`Revision <code>${fromRevision}</code> → <code>${toRevision}</code>, ${result} in staging`;
}

function pullRequest({ find }: PageContents): Markup | string {
    const review = find("code-review");
    if (!review) return "No review evidence that counts";
    return html`<${Link} to=${review.pullRequest} />, by ${review.authors.join(", ")}`;
}

function Commits({ list, repository }: { list: readonly Change[]; repository: string | undefined }): Markup {
    return html`<ul class="commits" role="list">
        ${list.map(({ author, commit, committedAt, subject }) => {
            const { breaking, scope, text, type } = subjectOf(subject);
            const hash = html`<code>${commit.slice(0, 8)}</code>`;
            const known = repository !== undefined && isWebAddress(repository);
            return html`<li>
                <span class="commit-type"
                    >${type !== undefined && html`<${Tag} tone=${type === "feat" || type === "fix" ? type : "plain"}>${type}<//>`}</span
                >
                <span class="commit-text">
                    ${scope !== undefined && html`<b>${scope}: </b>`}${text}
                    ${breaking && html` <${Tag} tone="fail">breaking change<//>`}
                </span>
                <span class="meta">
                    ${known ? html`<${Link} to=${`${repository.replace(/\/+$/, "")}/commit/${commit}`}>${hash}<//>` : hash}
                    ${` · ${author} · `}<${Moment} at=${committedAt} />
                </span>
            </li>`;
        })}
    </ul>`;
}
