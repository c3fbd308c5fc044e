import * as fs from "node:fs";
import {
    buildSchema,
    execute,
    GraphQLError,
    OverlappingFieldsCanBeMergedRule,
    parse,
    specifiedRules,
    validate,
    type DocumentNode,
    type GraphQLFieldResolver,
    type GraphQLSchema,
} from "graphql";
import { z } from "zod";
import { requireViewer } from "../access";
import { body, GitHubError, type Context, type World } from "../http";
import { packageFile } from "../packages";
import { mutations } from "./mutations";
import { queries } from "./queries";
import type { Scope } from "./scope";

/** GitHub's own schema, so that a field which GitHub does not know is refused here too. */
function loadSchema(): GraphQLSchema {
    // Importing the package would build the schema twice over; only its text is wanted.
    const file = packageFile("@octokit/graphql-schema", "schema.graphql");
    // The published text defines two fields twice, which the parser would refuse.
    return buildSchema(fs.readFileSync(file, "utf8"), { assumeValidSDL: true });
}

/**
 * GitHub accepts `... on Team { name } ... on User { name }` although one is nullable and the other is not; the
 * standard's rule, which is left out here, does not. GitHub's own clients depend on that.
 */
const rules = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

/** A field of GitHub's schema that the sandbox does not have is an error, not null. */
const resolveField: GraphQLFieldResolver<Record<string, unknown>, Scope> = (source, args, scope, info) => {
    if (!(info.fieldName in source)) {
        throw new GraphQLError(`The sandbox does not have the field ${info.parentType.name}.${info.fieldName}`);
    }
    const value = source[info.fieldName];
    return typeof value === "function"
        ? (value as (args: unknown, scope: Scope) => unknown).call(source, args, scope)
        : value;
};

const request = z.object({
    query: z.string(),
    variables: z.record(z.string(), z.unknown()).nullish(),
    operationName: z.string().nullish(),
});

function errorView(error: GraphQLError) {
    const original = error.originalError;
    const type =
        typeof error.extensions.type === "string"
            ? error.extensions.type
            : original instanceof GitHubError
              ? original.status === 404
                  ? "NOT_FOUND"
                  : original.status === 403
                    ? "FORBIDDEN"
                    : "UNPROCESSABLE"
              : undefined;
    return { ...(type && { type }), path: error.path, locations: error.locations, message: error.message };
}

/** Answers `POST /graphql` (https://docs.github.com/graphql): errors come with status 200, as on GitHub. */
export function graphqlEndpoint(world: World) {
    let loaded: GraphQLSchema | undefined;
    const root = { ...queries, ...mutations };
    return async (context: Context): Promise<Response> => {
        const viewer = requireViewer(world, context);
        const { query, variables, operationName } = await body(context, request);
        let document: DocumentNode;
        try {
            document = parse(query);
        } catch (error) {
            if (error instanceof GraphQLError) return Response.json({ errors: [errorView(error)] });
            throw error;
        }
        const schema = (loaded ??= loadSchema());
        const errors = validate(schema, document, rules);
        if (errors.length > 0) return Response.json({ errors: errors.map(errorView) });
        const result = await execute({
            schema,
            document,
            rootValue: root,
            contextValue: { world, viewer } satisfies Scope,
            variableValues: variables ?? {},
            operationName: operationName ?? null,
            fieldResolver: resolveField,
        });
        return Response.json({ data: result.data, ...(result.errors && { errors: result.errors.map(errorView) }) });
    };
}
