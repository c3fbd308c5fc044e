/** Whether two GitHub logins are the same account: logins are not case-sensitive. */
export function samePerson(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}

export function isAmong(login: string, people: readonly string[]): boolean {
    return people.some((person) => samePerson(person, login));
}
