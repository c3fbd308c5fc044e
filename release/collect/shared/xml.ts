import { SaxesParser } from "saxes";
import { quote, ReportError, type Place } from "./error";
import { checkText, maximumDepth } from "./text";

/** Maximum number of elements of a report. A coverage report has one per line of code. */
const maximumElements = 1_000_000;

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

interface OpenElement extends Element {
    readonly children: Element[];
    text: string;
}

/**
 * Parses an XML report strictly. Only the five predefined entities and numeric character references are known: a
 * document type with declarations is refused, and nothing is ever fetched.
 *
 * @param tool the tool and its option, for the message about another tool's report
 * @throws ReportError with line and column when the report is not well-formed, too deep or too large
 */
export function parseXml(text: string, file: string, tool: string): Element {
    checkText(text, file);
    const first = text.trimStart();
    if (!first.startsWith("<"))
        throw new ReportError(
            file,
            { line: 1, column: 1 },
            `The report is ${/^[[{]/.test(first) ? "JSON" : "plain text"}; that of ${tool} is XML.`,
        );
    const parser = new SaxesParser({ xmlns: false, position: true });
    const place = (): Place => ({ line: parser.line, column: parser.column + 1 });
    const fail = (sentence: string): never => {
        throw new ReportError(file, place(), sentence);
    };
    const open: OpenElement[] = [];
    const roots: Element[] = [];
    let elements = 0;
    parser.on("error", (error) => {
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
        if (++elements > maximumElements) fail(`The report has more than ${String(maximumElements)} elements.`);
        if (open.length >= maximumDepth) fail(`The report nests deeper than ${String(maximumDepth)} levels.`);
        open.push({ name, attributes, children: [], text: "", place: place() });
    });
    const addText = (more: string) => {
        const element = open.at(-1);
        if (element !== undefined) element.text += more;
    };
    parser.on("text", addText);
    parser.on("cdata", addText);
    parser.on("closetag", () => {
        const element = open.pop();
        if (element === undefined) return;
        const parent = open.at(-1);
        (parent?.children ?? roots).push(element);
    });
    parser.write(text).close();
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
