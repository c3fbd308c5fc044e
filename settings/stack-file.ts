import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";

type StackFile = { readonly config?: Readonly<Record<string, unknown>> } | null;

/**
 * A value of `Pulumi.<stack>.yaml` by its full key, such as `kubernetes:context`, for commands outside the program;
 * undefined where the file or the value does not exist.
 *
 * @param folder where the stack files are; by default the working folder
 */
export function stackFileValue(key: string, stack: string, folder = ""): unknown {
    const file = path.join(folder, `Pulumi.${stack}.yaml`);
    if (!fs.existsSync(file)) return undefined;
    return (parse(fs.readFileSync(file, "utf8")) as StackFile)?.config?.[key];
}
