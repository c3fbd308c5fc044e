/**
 * Whether a version, such as "v20.19.0", is in a range of alternatives such as "^20.19 || >=24".
 *
 * @throws Error for an alternative that is written in another way
 */
export function accepts(version: string, range: string): boolean;
