import type { GitHubSettings } from "./settings";

/** A person of the sandbox's organisation. The tokens are fixed and public: they are not valid outside the sandbox. */
export interface Person {
    readonly login: string;
    readonly name: string;
    readonly token: string;
}

export const organization = "relaypacs";
export const repository = "gateway";
/** The repository of this project. The Pulumi program creates an environment in it, and not the repository itself. */
export const platformRepository = "platform";

/** Owns the organisation; the Pulumi program acts with this token. */
export const administrator: Person = {
    login: "avery-admin",
    name: "Avery Admin",
    token: "sandbox-administrator-token",
};

/** Writes features: may push branches and open pull requests. */
export const author: Person = { login: "dana-developer", name: "Dana Developer", token: "sandbox-author-token" };

export const engineeringManager: Person = {
    login: "emil-manager",
    name: "Emil Manager",
    token: "sandbox-engineering-manager-token",
};

export const techLead: Person = { login: "tove-lead", name: "Tove Lead", token: "sandbox-tech-lead-token" };

/** The user whose token deployments to staging use; the only one who may move the branch `staging`. */
export const deployment: Person = {
    login: "rory-deployment",
    name: "Rory Deployment",
    token: "sandbox-deployment-token",
};

/** Teams whose members sign off production releases (specification, "Production Deployment Gates"). */
export const teams = { engineeringManagers: "engineering-managers", techLeads: "tech-leads" } as const;

/** The organisation as it is before the Pulumi program runs: people and teams. */
export const relaypacs = {
    organization: { login: organization, name: "RelayPACS", basePermission: "write" },
    users: [
        { ...administrator, role: "admin" },
        { ...author, role: "member" },
        { ...engineeringManager, role: "member" },
        { ...techLead, role: "member" },
        { ...deployment, role: "member" },
    ],
    teams: [
        { slug: teams.engineeringManagers, name: "Engineering Managers", members: [engineeringManager.login] },
        { slug: teams.techLeads, name: "Tech Leads", members: [techLead.login] },
    ],
} as const satisfies Omit<GitHubSettings, "ports" | "stateFile" | "repository">;
