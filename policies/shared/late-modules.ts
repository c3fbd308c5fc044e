import { createRequire } from "node:module";

const loadAsSdk = createRequire(require.resolve("@pulumi/pulumi"));

/**
 * Puts a stand-in for a module of the SDK where `require` looks first. It loads the module when something of it is used.
 *
 * @param name as the SDK names it
 */
export function loadLate(name: string): void {
    const file = loadAsSdk.resolve(name);
    let loaded: object | undefined;
    const load = (): object => {
        if (!loaded) {
            Reflect.deleteProperty(require.cache, file);
            loaded = loadAsSdk(name) as object;
        }
        return loaded;
    };
    // The SDK's code takes what says that it is an ECMAScript module as it is, and so looks into it no earlier than it must.
    const property = (key: PropertyKey): unknown => {
        if (key === "__esModule") return true;
        const exported = load();
        return key === "default" && !("__esModule" in exported) ? exported : Reflect.get(exported, key);
    };
    const exports = new Proxy({}, { get: (_, key) => property(key), has: (_, key) => key in load() });
    require.cache[file] ??= Object.assign(Object.create(module) as NodeJS.Module, { id: file, loaded: true, exports });
}

// The SDK loads all of itself. No policy starts Pulumi or packs a function, and these take half of a pack's start.
loadLate("./automation");
loadLate("@npmcli/arborist");
