/** Whether two GitHub logins are one account: GitHub does not tell letters by case. */
export function samePerson(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
}

export function isAmong(login: string, people: readonly string[]): boolean {
    return people.some((person) => samePerson(person, login));
}
