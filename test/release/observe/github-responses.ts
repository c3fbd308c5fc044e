import assert from "node:assert/strict";
import * as fs from "node:fs";
import { packageFile } from "../../../sandbox/parts/github/packages";
import { responseProblems, templateOf } from "../../sandbox/parts/github/openapi";
import { serve, type Server } from "./server";

interface Example {
    readonly value: unknown;
}

interface Description {
    readonly paths: Readonly<
        Record<
            string,
            {
                readonly get: {
                    readonly responses: Readonly<
                        Record<
                            string,
                            {
                                readonly content: Readonly<
                                    Record<
                                        string,
                                        { readonly examples: Readonly<Record<string, { readonly $ref: string }>> }
                                    >
                                >;
                            }
                        >
                    >;
                };
            }
        >
    >;
    readonly components: { readonly examples: Readonly<Record<string, Example>> };
}

const description = JSON.parse(
    fs.readFileSync(packageFile("@octokit/openapi", "generated", "api.github.com.json"), "utf8"),
) as Description;

/** GitHub's own example of a response, from its OpenAPI description. For a list, its first entry. */
export function example(template: string): object {
    const examples = description.paths[template]?.get.responses["200"]?.content["application/json"]?.examples ?? {};
    const reference = Object.values(examples)[0]?.$ref.split("/").at(-1) ?? "";
    const value = structuredClone(description.components.examples[reference]?.value);
    const first: unknown = Array.isArray(value) ? value[0] : value;
    assert.ok(typeof first === "object" && first !== null, `GitHub's description has no example for ${template}`);
    return first;
}

/**
 * A GitHub that answers from a table, by path without the query. Every response is checked against GitHub's OpenAPI
 * description.
 */
export async function describedGitHub(
    answers: Record<string, unknown>,
): Promise<Server & { readonly problems: string[] }> {
    const problems: string[] = [];
    const server = await serve(({ url = "" }) => {
        const { pathname, searchParams } = new URL(url, "http://server");
        const path = pathname.replace(/^\/api\/v3/, "");
        const body = Number(searchParams.get("page") ?? 1) > 1 ? [] : answers[path];
        if (body === undefined) return undefined;
        const template = templateOf(path);
        problems.push(
            ...(template === undefined ? [`GitHub has no ${path}`] : responseProblems("GET", template, 200, body)),
        );
        return body as object;
    });
    return { ...server, problems };
}
