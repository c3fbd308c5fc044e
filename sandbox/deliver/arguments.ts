/** Splits `--name value`, `--name=value` and flags from what is left. */
export function parsed(args: readonly string[], flags: readonly string[]) {
    const options = new Map<string, string[]>();
    const rest: string[] = [];
    const all = [...args];
    for (let arg = all.shift(); arg !== undefined; arg = all.shift()) {
        const [, name, given] = /^--([\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
        if (name === undefined) rest.push(arg);
        else if (flags.includes(name)) options.set(name, [given ?? "true"]);
        else options.set(name, [...(options.get(name) ?? []), given ?? all.shift() ?? ""]);
    }
    return {
        all: (name: string) => options.get(name) ?? [],
        one: (name: string) => options.get(name)?.[0] ?? "",
        rest,
    };
}
