import { annotations } from "./identity";
import { concealLike, equal, hasSecret, isBag, secret, setIn, type Bag, type Json } from "./values";

/** What identifies an entry of a list that the API merges entry by entry. */
const mergeKeys = [
    "name",
    "key",
    "containerPort",
    "port",
    "mountPath",
    "devicePath",
    "topologyKey",
    "ip",
    "type",
    "uid",
];

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** The object without what changes by itself: bookkeeping of the server and the controllers' status. */
export function settled(object: Bag): Bag {
    const { status: _status, metadata, ...rest } = object;
    if (!isBag(metadata)) return rest;
    const { managedFields: _fields, resourceVersion: _version, generation: _generation, ...kept } = metadata;
    return { ...rest, metadata: kept };
}

/**
 * The declared inputs as the cluster has them now. `applied` is what the server would make of the inputs: where that
 * is what lives, the declared spelling stays (`1000m` for `1`); where it is not, somebody changed the object, and the
 * live value takes the declared one's place.
 */
export function projected(declared: Bag, applied: Bag, live: Bag): Bag {
    const inputs = project(declared, applied, live) as Bag;
    if (declared.kind !== "Secret" || !isBag(declared.stringData)) return inputs;
    return { ...inputs, stringData: projectedText(declared.stringData, dataOf(applied), dataOf(live)) };
}

const dataOf = (object: Bag): Bag => (isBag(object.data) ? object.data : {});

/** The API turns a Secret's `stringData` into `data`. */
function projectedText(declared: Bag, applied: Bag, live: Bag): Bag {
    const kept = Object.entries(declared).filter(([key]) => live[key] !== undefined);
    return Object.fromEntries(
        kept.map(([key, value]) => {
            const now = live[key];
            if (equal(applied[key], now) || typeof now !== "string") return [key, value];
            return [key, Buffer.from(now, "base64").toString()];
        }),
    );
}

function project(declared: Json, applied: Json | undefined, live: Json | undefined): Json {
    if (live === undefined || equal(applied, live)) return declared;
    if (isBag(declared) && isBag(live)) {
        const before = isBag(applied) ? applied : declared;
        const entries = Object.entries(declared).filter(
            ([key]) => live[key] !== undefined || before[key] === undefined,
        );
        return Object.fromEntries(entries.map(([key, value]) => [key, project(value, before[key], live[key])]));
    }
    if (Array.isArray(declared) && Array.isArray(live)) {
        return projectList(declared, Array.isArray(applied) ? applied : declared, live);
    }
    return live;
}

function projectList(declared: Json[], applied: Json[], live: Json[]): Json {
    const key = mergeKeys.find((candidate) =>
        [declared, applied, live].every((list) => list.every((item) => isBag(item) && item[candidate] !== undefined)),
    );
    if (key !== undefined) {
        const entry = (list: Json[], like: Json) =>
            list.find((item) => isBag(item) && isBag(like) && equal(item[key], like[key]));
        return declared
            .filter((item) => entry(live, item) !== undefined)
            .map((item) => project(item, entry(applied, item), entry(live, item)));
    }
    if (declared.length !== live.length) return live;
    return declared.map((item, index) => project(item, applied[index], live[index]));
}

/** Inputs for an object that was not declared yet (an import): everything that the server did not add by itself. */
export function importedInputs(live: Bag): Bag {
    let inputs = settled(live);
    for (const key of ["creationTimestamp", "uid", "selfLink", "deletionTimestamp"]) {
        inputs = setIn(inputs, ["metadata", key], undefined);
    }
    for (const key of [lastApplied, "deployment.kubernetes.io/revision"]) {
        inputs = setIn(inputs, ["metadata", "annotations", key], undefined);
    }
    return concealed(inputs, {});
}

/** Wraps what is secret: where the inputs say so, and always the contents of a Secret. */
export function concealed(object: Bag, inputs: Bag): Bag {
    let result = concealLike(object, inputs) as Bag;
    if (object.kind === "Secret") {
        for (const key of ["data", "stringData"]) {
            const value = result[key];
            if (value !== undefined) result = { ...result, [key]: secret(value) };
        }
    }
    const copied =
        isBag(object.metadata) && isBag(object.metadata.annotations) && object.metadata.annotations[lastApplied];
    if (typeof copied === "string" && (object.kind === "Secret" || hasSecret(inputs))) {
        result = setIn(result, ["metadata", "annotations", lastApplied], secret(copied));
    }
    return result;
}

/** The resource's outputs: the live object, with what the plugin needs to know about it later. */
export function outputsOf(live: Bag, inputs: Bag, manager: string): Bag {
    const object = setIn(live, ["metadata", "managedFields"], undefined);
    return {
        ...concealed(object, inputs),
        __fieldManager: manager,
        __initialApiVersion: live.apiVersion ?? inputs.apiVersion ?? "",
    };
}

/** What is sent to the API: no namespace outside of namespaces, no annotation that only this plugin reads. */
export function manifestOf(inputs: Bag, namespace: string): Bag {
    const { metadata } = inputs;
    if (!isBag(metadata)) return inputs;
    const placed = namespace
        ? setIn(inputs, ["metadata", "namespace"], namespace)
        : setIn(inputs, ["metadata", "namespace"], undefined);
    return setIn(placed, ["metadata", "annotations", annotations.patchFieldManager], undefined);
}
