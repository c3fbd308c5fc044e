import { SaxesParser } from "saxes";
import { quote, ReportError, type Place } from "./error";
import { checkBeginning, checkLength, maximumBytes, maximumDepth, maximumPiecewiseBytes } from "./text";

/** Maximum number of elements of a report. A coverage report has one per line of code. */
const maximumElements = 1_000_000;

/** The same for a report whose elements are not all kept. */
const maximumElementsOfLarge = 4_000_000;

/** One element of an XML report. */
export interface Element {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly children: readonly Element[];
    /** Its own text, without that of its children. */
    readonly text: string;
    /** The end of its start tag. */
    readonly place: Place;
}

const hasCharacter = (which: string) =>
    `The report has a ${which} character, which XML can't have; take it out of the title or the message of the test.`;

/** The children of every element that has none, to save memory. Nothing may be added to it. */
const noChildren: Element[] = [];

class OpenElement implements Element {
    children = noChildren;
    text = "";

    constructor(
        readonly name: string,
        readonly attributes: Element["attributes"],
        private readonly line: number,
        private readonly column: number,
    ) {}

    get place(): Place {
        return { line: this.line, column: this.column };
    }
}

/** What is done with the elements of a report while it is read. */
export interface Visitor {
    /** When an element starts; its parent is undefined for the root. */
    readonly onOpen?: (element: Element, parent: Element | undefined) => void;
    /** When an element has ended. When it returns true, the element is not kept, nor is anything in it. */
    readonly onClose?: (element: Element, parent: Element | undefined) => boolean;
    /** Whether elements have their text; true by default. */
    readonly keepText?: boolean;
    /** Whether the report may be as large as one that is read in pieces; false by default. */
    readonly large?: boolean;
}

/** The first piece of a report that is not blank, with all before it. */
function* withBeginning(pieces: Iterable<string>, file: string, tool: string): Generator<string, void> {
    let beginning: string | undefined = "";
    for (const piece of pieces) {
        if (beginning === undefined) yield piece;
        else {
            beginning += piece;
            const first = beginning.trimStart();
            if (first === "") continue;
            checkBeginning(beginning, file);
            if (!first.startsWith("<"))
                throw new ReportError(
                    file,
                    { line: 1, column: 1 },
                    `The report is ${/^[[{]/.test(first) ? "JSON" : "plain text"}; that of ${tool} is XML.`,
                );
            yield beginning;
            beginning = undefined;
        }
    }
    if (beginning !== undefined) checkBeginning(beginning, file);
}

/**
 * Parses an XML report strictly. Only the five predefined entities and numeric character references are known: a
 * document type with declarations is refused, and nothing is ever fetched.
 *
 * @param source the text, or its pieces one after the other
 * @param tool the tool and its option, for the message about another tool's report
 * @param visitor sees the elements while they are read, so that a large report need not be kept
 * @returns the root with everything in it that the visitor did not take
 * @throws ReportError with line and column when the report is not well-formed, too deep or too large
 */
export function parseXml(
    source: string | Iterable<string>,
    file: string,
    tool: string,
    { onOpen, onClose, keepText = true, large = false }: Visitor = {},
): Element {
    if (typeof source === "string") checkLength(source.length, file, large ? maximumPiecewiseBytes : maximumBytes);
    const most = large ? maximumElementsOfLarge : maximumElements;
    const parser = new SaxesParser({ xmlns: false, position: true });
    const place = (): Place => ({ line: parser.line, column: parser.column + 1 });
    const fail = (sentence: string): never => {
        throw new ReportError(file, place(), sentence);
    };
    const open: OpenElement[] = [];
    const roots: Element[] = [];
    let elements = 0;
    parser.on("error", (error) => {
        if (/: disallowed character\.$/.test(error.message)) fail(hasCharacter("control"));
        fail(`The report is not well-formed XML: ${error.message.replace(/^(?:\d+:\d+: )/, "").replace(/\.?$/, ".")}`);
    });
    parser.on("xmldecl", ({ encoding }) => {
        if (encoding !== undefined && encoding.toLowerCase() !== "utf-8")
            fail(`The report declares the encoding ${quote(encoding)}; it must be UTF-8.`);
    });
    parser.on("doctype", (doctype) => {
        if (doctype.includes("[")) fail("The report declares entities or elements of its own, which no tool writes.");
    });
    parser.on("opentag", ({ name, attributes }) => {
        if (++elements > most) fail(`The report has more than ${String(most)} elements.`);
        if (open.length >= maximumDepth) fail(`The report nests deeper than ${String(maximumDepth)} levels.`);
        const element = new OpenElement(name, attributes, parser.line, parser.column + 1);
        onOpen?.(element, open.at(-1));
        open.push(element);
    });
    if (keepText) {
        const addText = (more: string) => {
            const element = open.at(-1);
            if (element !== undefined) element.text += more;
        };
        parser.on("text", addText);
        parser.on("cdata", addText);
    }
    parser.on("closetag", () => {
        const element = open.pop();
        if (element === undefined) return;
        const parent = open.at(-1);
        if (onClose?.(element, parent) === true) return;
        if (parent === undefined) roots.push(element);
        else if (parent.children === noChildren) parent.children = [element];
        else parent.children.push(element);
    });
    for (const piece of withBeginning(typeof source === "string" ? [source] : source, file, tool)) {
        const nul = piece.indexOf("\0");
        parser.write(nul < 0 ? piece : piece.slice(0, nul));
        if (nul >= 0) fail(hasCharacter("NUL"));
    }
    parser.close();
    return roots[0] ?? fail("The report has no element.");
}

/** The children with one name. */
export const childrenOf = (element: Element, name: string) => element.children.filter((child) => child.name === name);

/** An element and everything below it, filtered by one name. */
export function descendants(element: Element, name: string): Element[] {
    const below = element.children.flatMap((child) => descendants(child, name));
    return element.name === name ? [element, ...below] : below;
}

/** Reads attributes of an element. Those that are missing or malformed are a ReportError with the place. */
export class Attributes {
    constructor(
        private readonly element: Element,
        private readonly file: string,
    ) {}

    private fail(name: string, expected: string): never {
        const given = this.element.attributes[name];
        throw new ReportError(
            this.file,
            this.element.place,
            `<${this.element.name}> has ${given === undefined ? `no ${name}` : `${name}=${quote(given)}`}; it must be ${expected}.`,
        );
    }

    text(name: string): string {
        return this.element.attributes[name] ?? this.fail(name, "present");
    }

    has(name: string): boolean {
        return this.element.attributes[name] !== undefined;
    }

    count(name: string): number {
        const given = this.element.attributes[name];
        if (given === undefined || !/^\d{1,15}$/.test(given)) this.fail(name, "a whole number from 0");
        return Number(given);
    }

    /**
     * A decimal number that is not negative, also with an exponent. "NaN", "Infinity" and an empty text are refused.
     */
    decimal(name: string, expected: string): number {
        const given = this.element.attributes[name];
        if (given === undefined || !/^\d{1,15}(?:\.\d+)?(?:e-\d{1,3})?$/.test(given)) this.fail(name, expected);
        return Number(given);
    }

    /** An ISO 8601 date and time. Without a time zone it is UTC, as on the runners of the pipeline. */
    moment(name: string): Date {
        const given = this.element.attributes[name];
        if (given === undefined || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/.test(given))
            this.fail(name, "a date and time such as 2026-01-14T18:00:00Z");
        const moment = new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(given) ? given : `${given}Z`);
        if (Number.isNaN(moment.getTime())) this.fail(name, "a date and time that exists");
        return moment;
    }
}
