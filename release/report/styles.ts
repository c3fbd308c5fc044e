const light = `
    --page: #f4f6f8; --card: #ffffff; --text: #17212e; --quiet: #526071; --line: #dde3ea; --soft: #eef2f6;
    --link: #0b5cad; --accent: #0f6f77; --area: #8fc1c6;
    --pass: #13703f; --pass-soft: #e7f4ec; --warn: #8a5200; --warn-soft: #fdf2dd; --fail: #b3261e; --fail-soft: #fdeceb;
    --accepted: #cfe6d8; --track: #e3e8ee;`;

const dark = `
    --page: #0f151c; --card: #18212b; --text: #e8edf3; --quiet: #a3b1c1; --line: #2b3744; --soft: #212c38;
    --link: #8cc4ff; --accent: #58c3cc; --area: #2f6d74;
    --pass: #6bd49a; --pass-soft: #16302a; --warn: #f2bd63; --warn-soft: #33291a; --fail: #ff9a90; --fail-soft: #3a2023;
    --accepted: #284a3a; --track: #2b3744;`;

/** The page's style sheet: system fonts, light and dark colour schemes, screens from 320 pixels, and print. */
export const styles = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
body {
    margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
    font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif;
}
.top, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.5rem; }
.top { padding-top: 1.25rem; font-weight: 600; color: var(--quiet); font-size: .875rem; letter-spacing: .01em; }
.top p { margin: 0; }
h1, h2, h3, h4, p, ul, dl, dd, figure { margin: 0; }
h1 { font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.125rem); line-height: 1.2; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.25rem; line-height: 1.3; letter-spacing: -.01em; }
h3 { font-size: .9375rem; margin-top: 1.5rem; color: var(--quiet); font-weight: 600; }
h4 { font-size: 1rem; line-height: 1.4; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 1; border-radius: 8px; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.meta { color: var(--quiet); font-size: .875rem; }

.icon { width: 1.25em; height: 1.25em; flex: none; fill: currentColor; vertical-align: -.25em; }
.icon .mark { fill: none; stroke: var(--card); stroke-width: 2.25; stroke-linecap: round; stroke-linejoin: round; }
.pass > .icon, .status.pass { color: var(--pass); }
.warn > .icon, .status.warn { color: var(--warn); }
.fail > .icon, .status.fail { color: var(--fail); }

.verdict, section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.5rem; }
.verdict { margin-top: .75rem; border-top: 6px solid; padding: 1.5rem 1.75rem 1.25rem; }
.verdict.pass { border-top-color: var(--pass); }
.verdict.warn { border-top-color: var(--warn); }
.verdict.fail { border-top-color: var(--fail); }
.verdict h1 { display: flex; gap: .75rem; align-items: flex-start; }
.verdict h1 .icon { width: 1.2em; height: 1.2em; }
.verdict.pass h1 .icon { color: var(--pass); }
.verdict.warn h1 .icon { color: var(--warn); }
.verdict.fail h1 .icon { color: var(--fail); }
.lead { font-size: 1.125rem; margin-top: .625rem; color: var(--text); }
.verdict h2 { font-size: .9375rem; margin-top: 1.125rem; }
.verdict > .meta { margin-top: 1.125rem; }
.messages, .rejected { padding-left: 1.25rem; margin-top: .375rem; }
.messages li + li, .rejected li + li { margin-top: .375rem; }
.messages a { font-weight: 600; }

.tiles { list-style: none; padding: 0; margin-top: 1rem; display: grid; gap: .75rem; grid-template-columns: repeat(3, 1fr); }
.tile {
    display: flex; flex-direction: column; height: 100%; padding: .875rem 1rem; background: var(--card); color: var(--text);
    border: 1px solid var(--line); border-radius: 12px; text-decoration: none;
}
.tile:hover { border-color: var(--accent); }
.tile-title { display: flex; align-items: center; gap: .375rem; color: var(--quiet); font-size: .8125rem; font-weight: 600; }
.tile.pass .icon { color: var(--pass); }
.tile.warn .icon { color: var(--warn); }
.tile.fail .icon { color: var(--fail); }
.tile-value { font-size: 1.1875rem; font-weight: 650; line-height: 1.3; margin-top: .25rem; letter-spacing: -.01em; }
.tile-detail { color: var(--quiet); font-size: .875rem; }

section { margin-top: 1rem; scroll-margin-top: 1rem; }
.gate { scroll-margin-top: 1rem; }
section > :nth-child(2) { margin-top: .75rem; }
.note { background: var(--soft); border-radius: 8px; padding: .625rem .875rem; margin-top: .75rem; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(13rem, 1fr)); gap: .875rem 1.5rem; margin-top: 1rem; }
section > .meta { margin-top: .75rem; }
.facts.numbers { grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); }
dt { color: var(--quiet); font-size: .8125rem; font-weight: 600; }

.commits { list-style: none; padding: 0; margin-top: .375rem; }
.commits li {
    display: grid; grid-template-columns: 4.75rem minmax(0, 1fr) minmax(0, auto); gap: .125rem .75rem; align-items: baseline;
    padding: .5rem 0; border-top: 1px solid var(--line);
}
.commits li:first-child { border-top: 0; }
.tag {
    display: inline-block; border: 1px solid var(--line); border-radius: 6px; padding: 0 .4375rem; font-size: .8125rem;
    font-weight: 600; color: var(--quiet); background: var(--soft);
}
.tag.feat { color: var(--pass); background: var(--pass-soft); border-color: transparent; }
.tag.fix, .tag.warn { color: var(--warn); background: var(--warn-soft); border-color: transparent; }
.tag.fail { color: var(--fail); background: var(--fail-soft); border-color: transparent; }

table { width: 100%; border-collapse: collapse; margin-top: 1.25rem; }
caption { text-align: left; font-weight: 600; color: var(--quiet); font-size: .9375rem; padding-bottom: .25rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; border-top: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--quiet); font-size: .8125rem; font-weight: 600; border-top: 0; }
tbody th { font-weight: 600; }

.bar-words { display: flex; justify-content: space-between; gap: .75rem; font-size: .8125rem; color: var(--quiet); line-height: 1.4; }
.bar-words b { color: var(--text); }
.bar-words span:last-child { text-align: right; }
.bar svg { display: block; overflow: visible; }
.bar + .bar { margin-top: .375rem; }
.track { fill: var(--track); }
.accepted { fill: var(--accepted); }
.value.within { fill: var(--pass); }
.value.beyond { fill: var(--fail); }
.limit { stroke: var(--text); stroke-width: 2; }

.soak-chart figcaption { margin-bottom: .75rem; }
.soak-chart svg { display: block; overflow: visible; }
.soak-chart .limit { stroke-dasharray: 4 3; stroke-width: 1.5; }
.soak-chart text { font-size: .75rem; fill: var(--text); }
.soak-chart .tick-label { fill: var(--quiet); }
.axis, .tick { stroke: var(--quiet); stroke-width: 1; }
.served { fill: var(--accent); background: var(--accent); }
.errors { fill: var(--fail); background: var(--fail); }
.interruption { fill: url(#hatched); stroke: var(--fail); stroke-width: 1.5; }
.hatch { stroke: var(--fail); stroke-width: 2.5; }
.hatched { fill: var(--card); }
.key.interruption {
    border: 1.5px solid var(--fail);
    background: repeating-linear-gradient(45deg, var(--fail) 0 1.5px, var(--card) 1.5px 4px);
}
.requests { fill: var(--area); background: var(--area); }
.legend { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .5rem; margin-top: .5rem; font-size: .8125rem; color: var(--quiet); }
.key { display: inline-block; width: .875rem; height: .625rem; border-radius: 2px; }
.key:not(:first-child) { margin-left: .625rem; }

.gates { list-style: none; padding: 0; margin-top: .25rem; }
.gate {
    display: grid; grid-template-columns: 6.25rem minmax(0, 1fr) 17rem; gap: .25rem 1.5rem; padding: .875rem 0;
    border-top: 1px solid var(--line);
}
.gate:first-child { border-top: 0; }
.gate:target { background: var(--soft); box-shadow: 0 0 0 .5rem var(--soft); border-radius: 2px; }
.status { display: inline-flex; align-items: center; gap: .375rem; font-weight: 600; font-size: .9375rem; height: 1.5rem; }
.gate-words { grid-column: 2 / 4; }
.gate-words:has(+ .bars) { grid-column: 2; }
.bars { padding-top: .125rem; }
.gate-evidence { grid-column: 2 / -1; margin: 0; }
details { margin-top: .5rem; }
summary { cursor: pointer; color: var(--quiet); font-size: .875rem; width: fit-content; padding: .125rem .25rem .125rem 0; }
summary:hover { color: var(--text); }
.evidence { display: grid; gap: .125rem; background: var(--soft); border-radius: 8px; padding: .625rem .875rem; margin-top: .5rem; font-size: .875rem; }
.evidence .fact { display: grid; grid-template-columns: 5rem minmax(0, 1fr); }
.evidence dt { font-size: inherit; }

footer { padding: 1.5rem; color: var(--quiet); font-size: .875rem; text-wrap: pretty; }
footer code { white-space: nowrap; }

@media screen and (max-width: 45rem) {
    .top, main { padding-left: .75rem; padding-right: .75rem; }
    .verdict, section { padding: 1.125rem 1rem; border-radius: 12px; }
    .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
    .tile { padding: .75rem; }
    .tile-value { font-size: 1.0625rem; }
    .gate { grid-template-columns: minmax(0, 1fr); gap: .25rem; }
    .gate > *, .gate-words:has(+ .bars) { grid-column: 1; }
    .bars { margin-top: .25rem; }
    .commits li { display: block; }
    .commits .tag { margin-right: .25rem; }
    .commits .meta { display: block; margin-top: .125rem; }
    .evidence .fact { grid-template-columns: minmax(0, 1fr); }
    .evidence .fact + .fact { margin-top: .25rem; }
    table, caption, tbody, tr, tbody th, td { display: block; }
    thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    tbody tr { border-top: 1px solid var(--line); padding: .5rem 0; }
    tbody tr:first-child { border-top: 0; }
    tbody th, td { border: 0; padding: .0625rem 0; }
    td::before { content: attr(data-column) ": "; color: var(--quiet); font-size: .875rem; }
}

@media print {
    :root { color-scheme: light; ${light} --page: #ffffff; font-size: 11px; }
    body { font-size: 1rem; line-height: 1.35; }
    .skip, summary { display: none; }
    /* The chart of the soak says what its table says, in two pages less. */
    #soak details { display: none; }
    th, td { padding-top: .25rem; padding-bottom: .25rem; }
    .top, main, footer { padding-left: 0; padding-right: 0; }
    .verdict, section { border-radius: 0; padding: .5rem 0; border-width: 1px 0 0; margin-top: .5rem; box-shadow: none; }
    .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .375rem; }
    .tile { padding: .375rem .5rem; box-shadow: none; }
    .tile-value { font-size: 1rem; margin-top: 0; }
    .gate { grid-template-columns: 6rem minmax(0, 1fr) 14rem; gap: .125rem .75rem; padding: .3125rem 0; }
    .gate-evidence { margin: 0; }
    .evidence { display: block; background: none; padding: 0; margin: 0; font-size: .75rem; color: var(--quiet); }
    .evidence .fact, .evidence dt, .evidence dd { display: inline; margin: 0; }
    .evidence dt::after { content: " "; }
    .evidence .fact:not(:last-child)::after { content: " · "; }
    .gate, tr, .soak-chart, .verdict, .tile { break-inside: avoid; }
    h2, h3 { break-after: avoid; }
    details::details-content { content-visibility: visible; display: block; height: auto; }
    svg, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
