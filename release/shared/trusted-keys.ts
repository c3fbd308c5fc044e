import { z } from "zod";
import { keyRing, type KeyRing } from "../../delivery/evidence/keys";
import { stackSetting } from "../../settings/stack-values";
import { InputError, readJsonInput } from "../check/input";

/**
 * The keys that a command trusts: those of a file, or `relaypacs:trustedKeys` of a stack.
 *
 * @throws Error, one sentence, when they can't be read or there is none
 */
export async function trustedRing(file: string | undefined, stack: "staging" | "prod"): Promise<KeyRing> {
    const list = z.array(z.unknown());
    if (file !== undefined) return keyRing(await readJsonInput(file, "key file", list));
    const setting = list.safeParse(stackSetting("trustedKeys", stack) ?? []);
    if (setting.success) return keyRing(setting.data);
    throw new InputError(
        `relaypacs:trustedKeys of ${stack} is not a list; accepted: a list of public keys that sign evidence.`,
    );
}
