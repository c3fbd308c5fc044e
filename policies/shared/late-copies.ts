import { createRequire } from "node:module";

/** The SDK's module that copies a resource's unpacked inputs for a policy, as far as it matters here. */
export interface CopyingModule {
    deserializeProperties: (struct: object, keepSecrets: boolean) => object;
}

/** The module that the SDK itself uses. */
export function copyingModule(): CopyingModule {
    return createRequire(__filename)("@pulumi/policy/deserialize") as CopyingModule;
}

/** Copies a resource's inputs when something looks at them for the first time. */
class LateCopy implements ProxyHandler<object> {
    constructor(private copy: (() => object) | undefined) {}

    get(target: object, key: PropertyKey): unknown {
        return Reflect.get(this.filled(target), key);
    }
    set(target: object, key: PropertyKey, value: unknown): boolean {
        return Reflect.set(this.filled(target), key, value);
    }
    has(target: object, key: PropertyKey): boolean {
        return Reflect.has(this.filled(target), key);
    }
    ownKeys(target: object): (string | symbol)[] {
        return Reflect.ownKeys(this.filled(target));
    }
    getOwnPropertyDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
        return Reflect.getOwnPropertyDescriptor(this.filled(target), key);
    }
    defineProperty(target: object, key: PropertyKey, descriptor: PropertyDescriptor): boolean {
        return Reflect.defineProperty(this.filled(target), key, descriptor);
    }
    deleteProperty(target: object, key: PropertyKey): boolean {
        return Reflect.deleteProperty(this.filled(target), key);
    }

    private filled(target: object): object {
        if (this.copy) {
            const { copy } = this;
            this.copy = undefined;
            Object.assign(target, copy());
        }
        return target;
    }
}

/**
 * Copies inputs late. The SDK copies the inputs of every resource of the stack for each stack policy, and a policy looks
 * at those of a few types. Each policy still gets a copy of its own. Remediations get theirs at once, because the SDK
 * looks into them for secrets. If a later SDK copies in another way, judging becomes slower and stays correct.
 *
 * @returns undoes the change
 */
export function copyLate(sdk: CopyingModule = copyingModule()): () => void {
    const { deserializeProperties } = sdk;
    sdk.deserializeProperties = (struct, keepSecrets) =>
        keepSecrets
            ? deserializeProperties(struct, keepSecrets)
            : new Proxy({}, new LateCopy(() => deserializeProperties(struct, keepSecrets)));
    return () => {
        sdk.deserializeProperties = deserializeProperties;
    };
}
