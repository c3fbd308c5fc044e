import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { visible } from "../delivery/core/text";

type StackFile = { readonly config?: Readonly<Record<string, unknown>> } | null;

/**
 * A value of `Pulumi.<stack>.yaml` by its full key, such as `kubernetes:context`, for commands outside the program;
 * undefined where the file or the value does not exist.
 *
 * @param folder where the stack files are; by default the working folder
 * @throws Error, one sentence, for a file that can't be read
 */
export function stackFileValue(key: string, stack: string, folder = ""): unknown {
    const file = path.join(folder, `Pulumi.${stack}.yaml`);
    if (!fs.existsSync(file)) return undefined;
    let contents: StackFile;
    try {
        contents = parse(fs.readFileSync(file, "utf8"), { logLevel: "error" }) as StackFile;
    } catch (error) {
        // The parser's message goes on with the lines of the file.
        const [problem = ""] = (error as Error).message.split(/:?\n/);
        throw new Error(`${file} is not valid YAML: ${visible(problem)}.`, { cause: error });
    }
    return contents?.config?.[key];
}
