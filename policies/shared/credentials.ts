const credentialName = new RegExp(
    [
        "PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIALS?",
        "(?:^|_|API|ACCESS|PRIVATE|SECRET)KEY",
        "ACCESS_?KEY_?ID|SECRET_KEY_BASE",
        "WEBHOOK(?:_?UR[IL])?|CONNECTION_?STRING|CONN_STR",
        "(?:^|[_.-])(?:PASS|PWD|PAT|DSN)|PG_?PASS|MYSQL_?PWD",
    ]
        .map((names) => `(?:${names})`)
        .join("|")
        .replace(/^/, "(?:")
        .replace(/$/, ")$"),
    "i",
);

/** Whether a variable's name says that its value is a credential: `DB_PASS`, `GITHUB_TOKEN`, `AWS_ACCESS_KEY_ID`. */
export function namesCredential(name: string): boolean {
    return credentialName.test(name);
}

/** A user and a password inside a URL (`postgres://user:password@host`). A user alone is none. */
export function hasUrlCredentials(text: string): boolean {
    // Most strings stop here, at the cost of one search.
    const scheme = text.indexOf("://");
    if (scheme < 0) return false;
    return /[a-z][a-z0-9+.-]*:\/\/[^\s/:@?#]*:[^\s/@?#$]+@/i.test(text);
}

/** A text without which none of the shapes is there: almost all strings stop at it. */
const trace =
    /AKIA|ASIA|AIza|-----BEGIN|gh[pousr]_|github_pat_|glpat-|xox[a-z]-|sk_live_|npm_|dckr_pat_|pul-|eyJ|webhook|hooks\.|authorization|(?:pass|passwd|password|pwd|token|secret|key)=|--[a-z-]*(?:pass|token|key|secret)/i;

/** Options of command lines whose value is a credential. */
const secretOption = "--(?:[a-z]+-)*(?:password|passwd|pass|token|api-?key|secret(?:-key)?|access-key|client-secret)";

/** A value that is written down: no variable (`$(PASSWORD)`, `${{ … }}`), no file, no placeholder. */
const literal = "[\"']?[^\\s\"'$<{(%*&;,]";

const shapes: readonly (readonly [string, RegExp])[] = [
    ["an AWS access key", /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
    ["a private key", /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY/],
    ["a GitHub token", /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22})/],
    ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{20}/],
    ["a Slack token", /\bxox[abeoprs]-[A-Za-z0-9-]{10}/],
    ["a Google API key", /\bAIza[A-Za-z0-9_-]{35}/],
    ["an API key", /\b(?:sk_live_[A-Za-z0-9]{16}|npm_[A-Za-z0-9]{36}|dckr_pat_[A-Za-z0-9_-]{20}|pul-[0-9a-f]{40})/],
    ["a signed token", /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10}/],
    [
        "a webhook's address",
        /\b(?:hooks\.slack\.com\/(?:services|workflows)\/|discord(?:app)?\.com\/api\/webhooks\/|hooks\.zapier\.com\/hooks\/|[a-z0-9-]+\.webhook\.office\.com\/webhook|outlook\.office\.com\/webhook)[A-Za-z0-9]/i,
    ],
    ["a credential in a header", /\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+[A-Za-z0-9+/=_.-]{8}/i],
    ["a credential as an option", new RegExp(`(?:^|\\s)${secretOption}(?:=|\\s+)(?!--)${literal}`, "i")],
    [
        "a credential in an assignment",
        new RegExp(
            `(?:^|[\\s;&?"'])[A-Z0-9_.]*(?:password|passwd|pwd|pgpass|db_pass|access_?key|secret_?key|api_?key|auth_?token|access_?token|client_?secret)=${literal}`,
            "i",
        ),
    ],
];

/** What a text holds that has the shape of a credential, as `an AWS access key`; undefined where it holds none. */
export function credentialIn(text: string): string | undefined {
    if (hasUrlCredentials(text)) return "a URL with a password in it";
    if (!trace.test(text)) return undefined;
    return shapes.find(([, shape]) => shape.test(text))?.[0];
}

/** Whether an argument of a command is an option whose value, the next argument, is a credential. */
export function isSecretOption(argument: string): boolean {
    return argument.startsWith("--") && new RegExp(`^${secretOption}$`, "i").test(argument);
}

/** Whether an argument is a value that is written down. */
export function isLiteral(argument: string): boolean {
    return !argument.startsWith("-") && new RegExp(`^${literal}`).test(argument);
}
