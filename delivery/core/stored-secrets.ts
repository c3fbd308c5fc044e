/** One entry of an environment's secret store (specification, section 1). */
export interface SecretEntry {
    /** For people, without a full stop. */
    readonly description: string;
    /** What a third party issues: who replaces it there, and its setting, by which the new value comes. */
    readonly issuedBy?: { readonly owner: string; readonly setting: string };
    /** Whether two users take turns, so that a value is refused only after the second rotation. */
    readonly inTurn?: true;
}

/** The entries by name, in the order in which they are rotated. */
export const secretEntries = {
    "database-url": { description: "PostgreSQL connection", inTurn: true },
    "application-secret-key": { description: "Signs sessions" },
    "smoke-username": {
        description: "User that smoke tests log in as",
        issuedBy: { owner: "an administrator of the application", setting: "smokeUsername" },
    },
    "smoke-password": {
        description: "Password of that user",
        issuedBy: { owner: "an administrator of the application", setting: "smokePassword" },
    },
    "docker-hub": {
        description: "Docker Hub access token",
        issuedBy: { owner: "an owner of the organisation at Docker Hub", setting: "dockerHubToken" },
    },
    "slack-webhook": {
        description: "Where releases are announced",
        issuedBy: { owner: "an administrator of the Slack workspace", setting: "slackWebhook" },
    },
} as const satisfies Readonly<Record<string, SecretEntry>>;

export type SecretEntryName = keyof typeof secretEntries;

const entries: readonly (readonly [string, SecretEntry])[] = Object.entries(secretEntries);

/** What the platform issues itself, and the rotation function replaces. */
export const platformEntries = entries.filter(([, { issuedBy }]) => issuedBy === undefined);

/** What a third party issues, and its owner replaces. */
export const foreignEntries = entries.flatMap(([name, { description, issuedBy }]) =>
    issuedBy === undefined ? [] : [{ name, description, ...issuedBy }],
);
