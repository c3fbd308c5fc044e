import { imageReference } from "../delivery/core/names";
import { SettingsError, type Settings } from "../settings";
import type { toolNames } from "../settings/schema";

/** The mirrored image of a tool, by digest. @throws SettingsError when `relaypacs:toolImages` has no digest of it */
export function toolImage({ account, toolImages }: Settings, name: (typeof toolNames)[number]): string {
    const digest = toolImages?.[name];
    if (digest !== undefined) return imageReference(account, name, digest);
    throw new SettingsError([
        `relaypacs:toolImages.${name} is missing; it must be the digest of the tool's image ("sha256:" and 64 hexadecimal digits).`,
    ]);
}
