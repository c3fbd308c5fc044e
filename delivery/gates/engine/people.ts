/** Whether two GitHub logins are the same account: logins are not case-sensitive. */
export function samePerson(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}

/** Accounts of GitHub's own that act without a person, as they are called where GitHub leaves `[bot]` out. */
const machines = ["copilot", "dependabot", "ghost", "github-actions", "web-flow"];

/** Whether an account is a machine's: an app's, whose login ends with `[bot]`, or one of GitHub's own. */
export function isMachine(login: string): boolean {
    return login.endsWith("[bot]") || isAmong(login, machines);
}

export function isAmong(login: string, people: readonly string[]): boolean {
    return people.some((person) => samePerson(person, login));
}
