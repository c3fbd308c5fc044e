/** `1 test`, `2 tests`. */
export function counted(number: number, noun: string, plural = `${noun}s`): string {
    return `${number} ${number === 1 ? noun : plural}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
    return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1) ?? ""}`;
}

/** The first few of a list, and how many more there are. */
export function few(words: readonly string[], most = 5): string {
    const rest = words.length - most;
    return rest > 0 ? `${words.slice(0, most).join(", ")} and ${rest} more` : listed(words);
}

/** A share in percent, rounded down, so that what is below a limit never looks as if it reached it. */
export function percent(part: number, whole: number): string {
    return `${Math.floor((part * 10_000) / whole) / 100} %`;
}

/**
 * Untrusted text, fit for people's eyes: control and direction characters, which could hide or turn what is
 * beside them, are shown by their number, and line breaks are spaces.
 */
export function visible(text: string): string {
    return text.replaceAll(/[\r\n\t\u2028\u2029]+/gu, " ").replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, (character) => {
        return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
    });
}
