import { parseAllDocuments } from "yaml";
import { isBag, setIn, textIn, type Bag, type Json } from "./values";

/** `kubernetes:yaml:decode`: the objects of a YAML text, lists unfolded, with a namespace where one is asked for. */
export function decodeYaml({ text, defaultNamespace }: Bag): Bag {
    if (typeof text !== "string") throw new Error("kubernetes:yaml:decode needs a text");
    const objects = parseAllDocuments(text).flatMap((document) => {
        const [problem] = document.errors;
        if (problem) throw new Error(`the YAML cannot be read: ${problem.message}`);
        return unfolded(document.toJS() as Json);
    });
    const namespace = typeof defaultNamespace === "string" ? defaultNamespace : "";
    const place = (object: Bag): Bag =>
        namespace === "" || textIn(object, "metadata", "namespace")
            ? object
            : setIn(object, ["metadata", "namespace"], namespace);
    return { result: objects.map(place) };
}

function unfolded(object: Json): Bag[] {
    if (!isBag(object)) return [];
    return object.kind === "List" && Array.isArray(object.items) ? object.items.flatMap(unfolded) : [object];
}
