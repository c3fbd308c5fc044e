import { z } from "zod";

const login = z.string().regex(/^[a-zA-Z0-9](-?[a-zA-Z0-9])*$/, "is not a GitHub login");
const port = z.int().min(1).max(65535);

/** The initial content of the sandbox's GitHub, and where it listens. */
export const gitHubSettings = z
    .strictObject({
        organization: z.strictObject({
            login,
            name: z.string().min(1),
            /** Every member's role in every repository: the organisation's "base permissions". */
            basePermission: z.enum(["none", "read", "write", "admin"]).default("read"),
        }),
        /** Created, private and with one commit on `main`, when it does not exist. The program creates its own. */
        repository: z
            .string()
            .regex(/^[\w.-]{1,100}$/, "is not a repository name")
            .optional(),
        users: z
            .array(
                z.strictObject({
                    login,
                    name: z.string().min(1),
                    /** `admin` owns the organisation. */
                    role: z.enum(["admin", "member"]),
                    /** Accepted as `Authorization: Bearer …` for this user. */
                    token: z.string().min(8),
                }),
            )
            .min(1),
        teams: z.array(
            z.strictObject({
                slug: z.string().regex(/^[a-z0-9-]+$/, "is not a team slug"),
                name: z.string().min(1),
                members: z.array(login),
            }),
        ),
        ports: z.strictObject({ emulator: port, front: port }),
        /** State file, with which the content survives a restart. Without it, the content is in memory only. */
        stateFile: z.string().min(1).optional(),
    })
    .check((context) => {
        const known = new Set(context.value.users.map((user) => user.login));
        context.value.teams.forEach((team, index) => {
            for (const member of team.members) {
                if (known.has(member)) continue;
                context.issues.push({
                    code: "custom",
                    input: member,
                    path: ["teams", index, "members"],
                    message: `names ${member}, who is not among the users`,
                });
            }
        });
    });

export type GitHubSettings = z.infer<typeof gitHubSettings>;
