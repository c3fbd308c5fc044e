import { outputsOf } from "./projection";
import { getIn, isBag, isSecret, setIn, unknown, type Bag } from "./values";

/** A preview's outputs: what only the update can know is left open. */
export function previewOutputs(object: Bag, inputs: Bag, manager: string, isNew: boolean): Bag {
    const preview = outputsOf(setIn(object, ["status"], undefined), inputs, manager);
    return isNew ? leftOpen(preview, inputs) : preview;
}

/** A new object with what the server will choose as unknown. */
export function leftOpen(object: Bag, inputs: Bag): Bag {
    if (!isBag(object.metadata) || isSecret(object.metadata)) return object;
    let open = object;
    for (const key of ["uid", "resourceVersion", "creationTimestamp"]) open = setIn(open, ["metadata", key], unknown);
    if (object.kind !== "Service" || !isBag(object.spec) || isSecret(object.spec)) return open;
    for (const key of ["clusterIP", "clusterIPs"]) {
        if (getIn(inputs, ["spec", key]) === undefined) open = setIn(open, ["spec", key], unknown);
    }
    return open;
}
