import { createRequire } from "node:module";
import { Reader } from "protobufjs/minimal";

/** What reads messages of google-protobuf from bytes, as far as it matters here. */
interface MessageReader {
    nextField(): boolean;
    isEndGroup(): boolean;
    skipField(): void;
    getCursor(): number;
    getBuffer(): Uint8Array;
}

/** `google.protobuf.Struct` of google-protobuf, as far as it matters here. */
export interface StructClass {
    readonly prototype: {
        getFieldsMap: (this: object, ...rest: unknown[]) => unknown;
        toJavaScript: (this: object) => unknown;
    };
    deserializeBinaryFromReader: (message: object, reader: MessageReader) => object;
}

/** google-protobuf, from the copy that the SDK itself loads. */
const loadAsSdk = createRequire(require.resolve("@pulumi/pulumi/proto/analyzer_pb"));

/** The class of the structs in the SDK's requests. */
export function structOfRequests(): StructClass {
    return (loadAsSdk("google-protobuf/google/protobuf/struct_pb") as { Struct: StructClass }).Struct;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How a message's field begins: its number, and whether a varint, eight bytes or a length follow (Protocol Buffers, Encoding). */
const varint = (number: number) => number << 3;
const eightBytes = (number: number) => (number << 3) | 1;
const message = (number: number) => (number << 3) | 2;

/** The fields of `google/protobuf/struct.proto`. */
const structFields = message(1);
const entry = { key: message(1), value: message(2) } as const;
const listValues = message(1);
const kind = {
    null: varint(1),
    number: eightBytes(2),
    string: message(3),
    boolean: varint(4),
    struct: message(5),
    list: message(6),
} as const;

/** Reads text faster from a `Buffer` than from other bytes. */
const readerOf = ({ buffer, byteOffset, length }: Uint8Array): Reader =>
    Reader.create(Buffer.from(buffer, byteOffset, length));

const endOfNext = (reader: Reader): number => reader.uint32() + reader.pos;

function readStruct(reader: Reader, end: number): Record<string, Json> {
    const struct: Record<string, Json> = {};
    while (reader.pos < end) {
        const tag = reader.uint32();
        if (tag === structFields) readEntry(reader, endOfNext(reader), struct);
        else reader.skipType(tag & 7);
    }
    return struct;
}

function readEntry(reader: Reader, end: number, struct: Record<string, Json>): void {
    let key = "";
    let value: Json | undefined;
    while (reader.pos < end) {
        const tag = reader.uint32();
        if (tag === entry.key) key = reader.string();
        else if (tag === entry.value) value = readValue(reader, endOfNext(reader));
        else reader.skipType(tag & 7);
    }
    struct[key] = ofSomeKind(value);
}

function readList(reader: Reader, end: number): Json[] {
    const list: Json[] = [];
    while (reader.pos < end) {
        const tag = reader.uint32();
        if (tag === listValues) list.push(ofSomeKind(readValue(reader, endOfNext(reader))));
        else reader.skipType(tag & 7);
    }
    return list;
}

function readValue(reader: Reader, end: number): Json | undefined {
    let value: Json | undefined;
    while (reader.pos < end) {
        const tag = reader.uint32();
        if (tag === kind.string) value = reader.string();
        else if (tag === kind.struct) value = readStruct(reader, endOfNext(reader));
        else if (tag === kind.list) value = readList(reader, endOfNext(reader));
        else if (tag === kind.boolean) value = reader.bool();
        else if (tag === kind.number) value = reader.double();
        else {
            reader.skipType(tag & 7);
            if (tag === kind.null) value = null;
        }
    }
    return value;
}

/** @throws Error for a value of no kind, as google-protobuf does */
function ofSomeKind(value: Json | undefined): Json {
    if (value === undefined) throw new Error("Unexpected struct type");
    return value;
}

/**
 * Unpacks each struct of a request when something asks for it, once, straight from its bytes. google-protobuf makes an
 * object of each value as soon as a request comes, the SDK unpacks those again for each policy that may apply and for each
 * stack policy, and most are never looked at. The SDK copies what is unpacked before a policy sees it
 * (`deserializeProperties`), so no policy sees another's changes. If a later SDK reads requests in another way, judging
 * becomes slower and stays correct.
 *
 * @returns undoes the change
 */
export function unpackLate(struct: StructClass = structOfRequests()): () => void {
    const { deserializeBinaryFromReader, prototype } = struct;
    const { getFieldsMap, toJavaScript } = prototype;
    const { BinaryReader } = loadAsSdk("google-protobuf") as { BinaryReader: new (bytes: Uint8Array) => MessageReader };
    const packed = new WeakMap<object, Uint8Array>();
    const unpacked = new WeakMap<object, unknown>();

    struct.deserializeBinaryFromReader = (message, reader) => {
        const start = reader.getCursor();
        while (reader.nextField() && !reader.isEndGroup()) reader.skipField();
        packed.set(message, reader.getBuffer().subarray(start, reader.getCursor()));
        return message;
    };
    // All else of a struct goes through its fields.
    prototype.getFieldsMap = function (...rest) {
        const bytes = packed.get(this);
        packed.delete(this);
        if (bytes) deserializeBinaryFromReader(this, new BinaryReader(bytes));
        return getFieldsMap.apply(this, rest);
    };
    prototype.toJavaScript = function () {
        if (!unpacked.has(this)) {
            const bytes = packed.get(this);
            unpacked.set(this, bytes ? readStruct(readerOf(bytes), bytes.length) : toJavaScript.call(this));
        }
        return unpacked.get(this);
    };
    return () => {
        struct.deserializeBinaryFromReader = deserializeBinaryFromReader;
        Object.assign(prototype, { getFieldsMap, toJavaScript });
    };
}
