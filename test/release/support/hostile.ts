import type { ItemPredicate } from "../../../delivery/evidence/items";
import { seal, stranger, type Spoilers } from "../../delivery/gates/support/world";
import { ago, hour } from "../../delivery/gates/support/contents";

/** Text from outside that attacks a program which prints it unescaped. */
export const attacks = {
    script: `</style></title><script>document.title="taken"</script><img src=x onerror="document.title='taken'">`,
    attribute: `" onmouseover="document.title='taken'" x="`,
    markdown: `](javascript:alert(1)) ![x](https://evil.example/x.png) | a | **b** <b>c</b> \`d\` @everyone #1 $x$`,
    terminal: `\u001b[2J\u001b[31mred\u0007 ::error::taken ##[error]taken`,
    direction: `allowed \u202E dewolla \u2066 hidden\u200b`,
    long: "w".repeat(1500),
    lines: `first\n::set-output name=x::y\n\n# heading\n- item`,
} as const;

/** A dossier that fails gates whose messages quote text from outside. */
export const hostile: Spoilers = {
    soak: {
        change: (one: ItemPredicate<"soak">) => {
            one.interruptions = Object.values(attacks).map((cause, index) => {
                return { at: ago(6 * hour - index * 600), durationSeconds: 60, cause };
            });
        },
    },
    approval: {
        change: (one: ItemPredicate<"approval">) => {
            one.decisions[0]!.comment = `${attacks.script}${attacks.direction}`;
            one.uri = "javascript:document.title='taken'";
        },
    },
    "rollback-plan": {
        change: (one: ItemPredicate<"rollback-plan">) => {
            one.previousVersion = `1.4.1${attacks.attribute}`;
            one.documentation = "data:text/html,<script>document.title='taken'</script>";
        },
    },
    incidents: {
        change: (one: ItemPredicate<"incidents">) => {
            one.incidents = [
                { id: attacks.script, priority: "P1", openedAt: ago(hour), uri: "vbscript:x" },
                { id: attacks.markdown, priority: "P2", openedAt: ago(hour), uri: `https://x.example/"onload="x` },
            ];
        },
    },
    "e2e-critical": {
        change: (one: ItemPredicate<"e2e-critical">) => {
            one.warnedTests = [attacks.markdown, attacks.terminal, attacks.script];
        },
    },
};

/** Envelopes that are rejected, with file names that their sender chose. */
export const rejectedFiles = [
    { source: "x<b onclick=alert(1)>|`.json", envelope: 1 },
    { source: "unknown.json", envelope: seal("not JSON", stranger) },
];

/** Commits whose subjects and authors are attacks. */
export const hostileCommits = [
    {
        commit: "c".repeat(40),
        author: attacks.script,
        committedAt: ago(11 * hour),
        subject: `feat(${attacks.script}): x`,
    },
    { commit: "d".repeat(40), author: attacks.direction, committedAt: ago(12 * hour), subject: attacks.long },
    { commit: "e".repeat(40), author: attacks.terminal, committedAt: ago(12 * hour), subject: attacks.attribute },
];
