import { execa, type ExecaError } from "execa";
import { z } from "zod";
import type { ReleaseIdentity } from "../../delivery/core/release";
import { ObserveError } from "./error";

const outputs = z.object({
    namespace: z.string().min(1),
    version: z.string().min(1),
    images: z.record(z.string(), z.string().regex(/@sha256:[0-9a-f]{64}$/)),
});

/** The outputs of a stack's last successful update: what it has deployed. */
export type StackOutputs = z.output<typeof outputs>;

async function pulumi(args: readonly string[]): Promise<string> {
    try {
        const { stdout } = await execa("pulumi", [...args, "--non-interactive"], {
            env: { PULUMI_SKIP_UPDATE_CHECK: "true" },
        });
        return stdout;
    } catch (error) {
        const { code, stderr } = error as ExecaError;
        if (code === "ENOENT") throw new ObserveError("pulumi is not installed on this machine, or not in PATH.");
        const said =
            String(stderr ?? "")
                .trim()
                .split("\n")[0] ?? "";
        throw new ObserveError(`pulumi ${args.slice(0, 2).join(" ")} failed: ${said}`);
    }
}

/** Reads a stack's outputs. @throws ObserveError when there is no such stack, or its outputs name no release */
export async function stackOutputs(stack: string): Promise<StackOutputs> {
    const text = await pulumi(["stack", "output", "--json", "--stack", stack]);
    return readOutputs(text, stack);
}

/** Parses the output of `pulumi stack output --json`. */
export function readOutputs(text: string, stack: string): StackOutputs {
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch {
        throw new ObserveError(`The outputs of stack ${stack} are not valid JSON.`);
    }
    const parsed = outputs.safeParse(value);
    if (parsed.success && Object.keys(parsed.data.images).length > 0) return parsed.data;
    const place = parsed.success ? "images" : parsed.error.issues[0]?.path.join(".");
    throw new ObserveError(
        `The outputs of stack ${stack} name no deployed release (${place ?? "they"} is missing or wrong); run pulumi up first.`,
    );
}

/**
 * The differences between a stack's outputs and a release, one clause each. Empty when there are none.
 *
 * @param stack name of the stack, for the messages
 */
export function differences(
    { images, version }: StackOutputs,
    release: Pick<ReleaseIdentity, "version" | "images">,
    stack: string,
): string[] {
    const found: string[] = [];
    if (version !== release.version)
        found.push(`stack ${stack} has deployed version ${version}, the release is ${release.version}`);
    for (const service of new Set([...Object.keys(images), ...Object.keys(release.images)])) {
        const [deployed, wanted] = [images[service], release.images[service]];
        if (deployed === undefined) found.push(`stack ${stack} has deployed no ${service}`);
        else if (wanted === undefined)
            found.push(`stack ${stack} has deployed ${service}, which the release does not have`);
        else if (!deployed.endsWith(`@${wanted}`))
            found.push(`stack ${stack} has deployed ${service} ${deployed}, the release has ${wanted}`);
    }
    return found;
}
