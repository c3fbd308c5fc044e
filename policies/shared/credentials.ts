const credentialName =
    /(?:PASSWORD|PASSWD|PASSPHRASE|TOKEN|SECRET|CREDENTIALS?|(?:^|_|API|ACCESS|PRIVATE|SECRET)KEY)$/i;

/** Whether a variable's name says that its value is a credential: `DB_PASSWORD`, `GITHUB_TOKEN`, `SECRET_KEY`. */
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
