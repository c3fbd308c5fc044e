import { createHash } from "node:crypto";
import { renderToString } from "preact-render-to-string";
import { visible } from "../../delivery/core/text";
import { headline } from "../check/wording";
import type { PageContents } from "./contents";
import { html, Moment } from "./parts";
import { ApprovalSection } from "./sections/approval";
import { ChangesSection } from "./sections/changes";
import { GatesSection } from "./sections/gates";
import { KeyFacts } from "./sections/key-facts";
import { IncidentsSection, RollbackSection } from "./sections/safety";
import { SoakSection } from "./sections/soak";
import { Verdict } from "./sections/verdict";
import { styles } from "./styles";

/**
 * The approver's page: one self-contained HTML document without scripts. Its Content-Security-Policy allows no script
 * and no request.
 */
export function page(contents: PageContents): string {
    const hash = createHash("sha256").update(styles).digest("base64");
    const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    const title = headline(contents.release, "production", contents.judgement);
    const head = html`<meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content=${policy} />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>`;
    const body = html`<a class="skip" href="#main">Skip to the verdict</a>
        <header class="top"><p>RelayPACS Gateway · release review</p></header>
        <main id="main">
            <${Verdict} contents=${contents} />
            <${KeyFacts} contents=${contents} />
            <${ChangesSection} contents=${contents} />
            <${SoakSection} contents=${contents} />
            <${ApprovalSection} contents=${contents} />
            <${RollbackSection} contents=${contents} />
            <${IncidentsSection} contents=${contents} />
            <${GatesSection} contents=${contents} />
        </main>
        <footer>
            <p>
                Made from signed evidence on ${" "}<${Moment} at=${contents.now} />. This page decides nothing: the same
                gates judge again when ${" "}<code>pulumi up --stack prod</code> runs.
            </p>
        </footer>`;
    return [
        "<!doctype html>",
        '<html lang="en">',
        `<head>${render(head)}<style>${styles}</style></head>`,
        `<body>${render(body)}</body>`,
        "</html>",
        "",
    ].join("\n");
}

/** Renders markup and makes invisible characters visible, see `visible`: much of the text comes from others. */
function render(markup: ReturnType<typeof html>): string {
    return [markup]
        .flat()
        .map((one) => visible(renderToString(one)))
        .join("");
}
