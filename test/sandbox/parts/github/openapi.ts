import { Ajv, type ValidateFunction } from "ajv";
import * as fs from "node:fs";
import { packageFile } from "../../../../sandbox/parts/github/packages";

interface Content {
    readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface Operation {
    readonly requestBody?: Content;
    readonly responses: Readonly<Record<string, Content | { readonly $ref: string }>>;
}

interface Description {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
    readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** OpenAPI 3.0 has `nullable` where JSON Schema has a type "null"; Ajv accepts it only beside `type`. */
function toJsonSchema(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(toJsonSchema);
    if (typeof node !== "object" || node === null) return node;
    const { nullable, ...rest } = node as Record<string, unknown>;
    const schema = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, toJsonSchema(value)]));
    return nullable === true ? { anyOf: [{ type: "null" }, schema] } : schema;
}

const description = toJsonSchema(
    JSON.parse(fs.readFileSync(packageFile("@octokit/openapi", "generated", "api.github.com.json"), "utf8")),
) as Description;

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false });
ajv.addSchema({ $id: "github", components: description.components });

const templates = Object.keys(description.paths)
    .map((template) => ({
        template,
        // A ref and a file's path may contain slashes.
        pattern: new RegExp(
            `^${template.replace(/\{(\w+)\}/g, (_, name: string) => (name === "ref" || name === "path" ? "(.+)" : "([^/]+)"))}$`,
        ),
        variables: template.split("{").length,
    }))
    .sort((a, b) => a.variables - b.variables);

export function templateOf(path: string): string | undefined {
    return templates.find(({ pattern }) => pattern.test(path))?.template;
}

const compiled = new Map<string, ValidateFunction>();

function validator(key: string, schema: object): ValidateFunction {
    const known = compiled.get(key);
    if (known) return known;
    // References are relative to the description that contains them.
    const absolute = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"github#/')) as object;
    const made = ajv.compile(absolute);
    compiled.set(key, made);
    return made;
}

function problems(key: string, schema: object | undefined, value: unknown): string[] {
    if (schema === undefined) return [];
    const validate = validator(key, schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${key}: ${error.instancePath || "/"} ${error.message ?? ""}`);
}

function operation(method: string, template: string): Operation {
    const found = description.paths[template]?.[method.toLowerCase()];
    if (found === undefined) throw new Error(`GitHub has no ${method} ${template}`);
    return found;
}

/** Requests that GitHub accepts although its description does not list them. */
const undocumented: Readonly<Record<string, readonly string[]>> = {
    "PUT /repos/{owner}/{repo}/environments/{environment_name}": ["can_admins_bypass"],
};

export function requestProblems(method: string, template: string, content: object): string[] {
    const hidden = undocumented[`${method} ${template}`] ?? [];
    const value = Object.fromEntries(Object.entries(content).filter(([name]) => !hidden.includes(name)));
    const schema = operation(method, template).requestBody?.content?.["application/json"]?.schema;
    return problems(`request of ${method} ${template}`, schema, value);
}

/** Differences between an answer and GitHub's own description: in its status or its content. */
export function responseProblems(method: string, template: string, status: number, value: unknown): string[] {
    const key = `${status} of ${method} ${template}`;
    const named = operation(method, template).responses[String(status)];
    if (named === undefined && status < 400) return [`${key}: GitHub does not answer so`];
    const response =
        named !== undefined && "$ref" in named
            ? (description.components.responses?.[named.$ref.split("/").at(-1) ?? ""] as Content)
            : named;
    // The description leaves out most errors, and their contents.
    const error = status < 400 ? undefined : { $ref: "#/components/schemas/basic-error" };
    const schema = response?.content?.["application/json"]?.schema ?? error;
    if (schema === undefined) return value === undefined ? [] : [`${key}: GitHub answers without content`];
    return problems(key, schema, value);
}
