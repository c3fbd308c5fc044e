import { createRequire } from "node:module";

/** `google.protobuf.Struct` of google-protobuf, as far as it matters here. */
export interface StructClass {
    readonly prototype: { toJavaScript: (this: object) => unknown };
}

/** The class of the structs in the SDK's requests, from the copy of google-protobuf that the SDK itself loads. */
export function structOfRequests(): StructClass {
    const loadAsSdk = createRequire(require.resolve("@pulumi/pulumi/proto/analyzer_pb"));
    return (loadAsSdk("google-protobuf/google/protobuf/struct_pb") as { Struct: StructClass }).Struct;
}

/**
 * Unpacks each struct once. The SDK unpacks a resource's inputs again for each policy that may apply to it, and those
 * of the whole stack for each stack policy, though they never change. The SDK copies the unpacked inputs before a policy
 * sees them (`deserializeProperties`), so no policy sees another's changes. If a later SDK unpacks in another way,
 * judging becomes slower and stays correct.
 *
 * @returns undoes the change
 */
export function unpackOnce({ prototype }: StructClass = structOfRequests()): () => void {
    const { toJavaScript } = prototype;
    const unpacked = new WeakMap<object, unknown>();
    prototype.toJavaScript = function () {
        if (!unpacked.has(this)) unpacked.set(this, toJavaScript.call(this));
        return unpacked.get(this);
    };
    return () => {
        prototype.toJavaScript = toJavaScript;
    };
}
