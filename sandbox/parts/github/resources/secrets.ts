import { generateKeyPairSync, randomInt } from "node:crypto";
import { z } from "zod";
import { requireRole, requireRoleForChange } from "../access";
import { body, GitHubError, noContent, notFound, pageOf, type Context, type Routes, type World } from "../http";
import type { Secret } from "../store";
import { actionsName, scopes, type Scope } from "./scopes";

/** Overhead of a libsodium sealed box in bytes: a public key (32) and a tag (16). */
const sealedBoxOverhead = 48;

const encrypted = z.object({
    encrypted_value: z
        .base64()
        .refine((value) => Buffer.from(value, "base64").length >= sealedBoxOverhead, "is not a libsodium sealed box"),
    key_id: z.string().min(1),
});

const view = ({ name, created_at, updated_at }: Secret) => ({ name, created_at, updated_at });

/** The public key that a scope's secrets are sealed with. Its private key is never stored. */
function publicKeyOf(world: World, scope: Scope) {
    const known = world.data.publicKeys
        .findBy("repo_id", scope.repo_id)
        .find((row) => row.environment_id === scope.environment_id);
    if (known) return known;
    const { x } = generateKeyPairSync("x25519").publicKey.export({ format: "jwk" });
    return world.data.publicKeys.insert({
        ...scope,
        key_id: String(randomInt(10 ** 14, 10 ** 14 * 2)),
        key: Buffer.from(x ?? "", "base64url").toString("base64"),
    });
}

/** Actions secrets of a repository and of an environment (https://docs.github.com/rest/actions/secrets). */
export function secretRoutes(world: World, routes: Routes): void {
    const { secrets } = world.data;
    for (const { path, scopeOf } of scopes(world, "secrets")) {
        const found = (context: Context, change: boolean) => {
            const repository = (change ? requireRoleForChange : requireRole)(world, context, "write");
            const scope = scopeOf(context, repository);
            const rows = secrets
                .findBy("repo_id", repository.id)
                .filter((row) => row.environment_id === scope.environment_id);
            return { scope, rows, named: (name: string) => rows.find((row) => row.name === name.toUpperCase()) };
        };
        const existing = (context: Context, change: boolean) => {
            const secret = found(context, change).named(context.req.param("secret_name"));
            if (secret === undefined) throw notFound();
            return secret;
        };
        routes.get(path, (context) => {
            const { rows } = found(context, false);
            return Response.json({ total_count: rows.length, secrets: pageOf(context, rows.map(view)) });
        });
        routes.get(`${path}/public-key`, (context) => {
            const { key_id, key } = publicKeyOf(world, found(context, false).scope);
            return Response.json({ key_id, key });
        });
        routes.get(`${path}/:secret_name`, (context) => Response.json(view(existing(context, false))));
        routes.put(`${path}/:secret_name`, async (context) => {
            const { scope, named } = found(context, true);
            const name = actionsName.safeParse(context.req.param("secret_name"));
            if (!name.success) throw new GitHubError(422, "Secret name is invalid");
            const given = await body(context, encrypted);
            if (given.key_id !== publicKeyOf(world, scope).key_id) {
                throw new GitHubError(422, "The secret was not encrypted with the current public key");
            }
            const known = named(name.data);
            if (known) {
                secrets.update(known.id, given);
                return noContent();
            }
            secrets.insert({ ...scope, name: name.data.toUpperCase(), ...given });
            return Response.json({}, { status: 201 });
        });
        routes.delete(`${path}/:secret_name`, (context) => {
            secrets.delete(existing(context, true).id);
            return noContent();
        });
    }
}
