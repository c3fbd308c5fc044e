import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { projectRoot } from "./project";

/** The configuration of a committed stack file (`Pulumi.STACK.yaml`), each value as the engine passes it: as text. */
export function stackFile(stack: string): Record<string, string> {
    const file = path.join(projectRoot, `Pulumi.${stack}.yaml`);
    const { config } = parse(fs.readFileSync(file, "utf8")) as { readonly config: Readonly<Record<string, unknown>> };
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    );
}

/** This program's settings in a stack file, by their names without the namespace. */
export function stackSettings(stack: string): Record<string, string> {
    const namespace = "relaypacs:";
    return Object.fromEntries(
        Object.entries(stackFile(stack))
            .filter(([key]) => key.startsWith(namespace))
            .map(([key, value]) => [key.slice(namespace.length), value]),
    );
}
