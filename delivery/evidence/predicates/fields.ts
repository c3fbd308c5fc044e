import { z } from "zod";

/** A moment in UTC, as RFC 3339 writes it (`2026-01-14T18:00:00Z`). */
export const moment = (what: string) => z.iso.datetime().describe(`${what}, RFC 3339 in UTC`);

/** A day in UTC, as RFC 3339 writes it (`2026-01-14`). */
export const day = (what: string) => z.iso.date().describe(`${what}, as YYYY-MM-DD in UTC`);

export const count = (what: string) => z.number().int().min(0).describe(what);

export const seconds = (what: string) => z.number().min(0).describe(`${what}, in seconds`);

export const text = (what: string) => z.string().min(1).max(2000).describe(what);

/** An absolute URI that people can open, or that identifies something. Gates never fetch it. */
export const uri = (what: string) =>
    z
        .string()
        .max(2000)
        .regex(/^[a-z][a-z0-9+.-]*:\S+$/i)
        .describe(`${what}, an absolute URI`);

export const sha256 = (what: string) =>
    z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe(`${what}, SHA-256 as 64 hexadecimal digits`);

export const commit = (what: string) =>
    z
        .string()
        .regex(/^[0-9a-f]{40}$/)
        .describe(`${what}, a git commit of 40 hexadecimal digits`);

export const login = (what: string) =>
    z
        .string()
        .regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?$/)
        .describe(`${what}, a GitHub login`);

/** A ticket that tracks work, such as RP-123. */
export const ticket = z
    .string()
    .regex(/^[A-Z][A-Z0-9]+-[1-9]\d*$/)
    .describe("Ticket that tracks the work, such as RP-123");

export const component = z.enum(["backend", "frontend"]).describe("Which half of the application was examined");

export const tool = (what: string) =>
    z.object({ name: text(what), version: text("Version of the tool, as it prints it") }).describe("The tool that ran");

export const environment = z.enum(["staging", "prod"]).describe("Environment, named as its stack");

/** in-toto ResourceDescriptor v1; at least one of `uri`, `digest` and `content` is required. */
export const resourceDescriptor = z
    .object({
        name: text("Name that tells descriptors apart").optional(),
        uri: uri("What the resource is").optional(),
        digest: z.record(z.string(), z.string()).optional().describe("Digests of the contents by algorithm"),
        content: z.base64().optional().describe("The contents, base64"),
        downloadLocation: uri("Where the resource can be downloaded").optional(),
        mediaType: text("Media type of the contents").optional(),
        annotations: z.record(z.string(), z.unknown()).optional().describe("More about the resource"),
    })
    .refine((one) => one.uri !== undefined || one.digest !== undefined || one.content !== undefined, {
        error: "needs one of uri, digest and content",
    })
    .describe("An in-toto ResourceDescriptor");

/** Refuses a period that ends before it starts. */
export function ordered<Shape extends z.ZodType>(
    schema: Shape,
    start: (value: z.output<Shape>) => string | undefined,
    end: (value: z.output<Shape>) => string | undefined,
    error: string,
): Shape {
    return schema.refine((value) => {
        const [from, to] = [start(value), end(value)];
        return from === undefined || to === undefined || Date.parse(from) <= Date.parse(to);
    }, error);
}
