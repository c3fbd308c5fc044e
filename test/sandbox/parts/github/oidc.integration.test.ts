import assert from "node:assert/strict";
import { PipelineIdentity } from "../../../../components/identity/pipeline-identity";
import { subjectPrefix } from "../../../../components/identity/token-claims";
import { judgeWebIdentity, type WebIdentityProvider } from "../../../../sandbox/parts/cloud/web-identity";
import { administrator, author, organization } from "../../../../sandbox/parts/github/relaypacs";
import { deploy, ofType } from "../../../support/harness";
import { environmentsOf, tokenJobs } from "../../../workflows/token-jobs";
import { createRepository, sandbox, type Client, type Sandbox } from "./harness";

const reviewed = "a".repeat(40);
const called = (file: string, commit = reviewed) => `${organization}/platform/.github/workflows/${file}@${commit}`;

interface Job {
    readonly repository: string;
    readonly ref?: string;
    readonly event_name?: string;
    readonly environment?: string;
    readonly workflow?: string;
    readonly job_workflow_ref?: string;
}

/** The role of a job by its environment, and of one that is in none. */
const roles: Readonly<Record<string, string>> = {
    none: "publish",
    "sign-evidence": "sign-evidence",
    staging: "deploy-staging",
    "production-deployment": "deploy-prod",
    "production-rollback": "rollback-prod",
    "preview-staging": "preview-staging",
    "preview-prod": "preview-prod",
    "drift-staging": "drift-staging",
    "drift-prod": "drift-prod",
};

/** A job of one of the platform's workflows: the gateway calls them, except that of the platform's own pull requests. */
function jobOf(file: string, environment: string | undefined): Job {
    const place = environment === undefined ? {} : { environment };
    if (file === "drift.yml")
        return { repository: "platform", ...place, event_name: "schedule", workflow: `.github/workflows/${file}` };
    if (file !== "pull-request.yml") return { repository: "gateway", ...place, job_workflow_ref: called(file) };
    const pullRequest = { event_name: "pull_request", ref: "refs/pull/7/merge" };
    return { repository: "platform", ...place, ...pullRequest, workflow: `.github/workflows/${file}` };
}

/** Every job of the workflows that takes a role, in each environment that it may run in, with that role. */
const jobs = Object.entries(tokenJobs)
    .filter(([, { role }]) => role !== undefined)
    .flatMap(([name, job]) =>
        environmentsOf(job).map((environment): readonly [what: string, role: string, job: Job] => {
            const [file = ""] = name.split(" ");
            const what = environment === undefined ? name : `${name} in ${environment}`;
            return [what, roles[environment ?? "none"]!, jobOf(file, environment)];
        }),
    );

/** Jobs that someone could add, or that run elsewhere. None may take a role. */
const strangers: readonly (readonly [string, Job])[] = [
    ...["staging", "production", "production-deployment", "production-rollback", "sign-evidence"].map(
        (environment) =>
            [`a job of the gateway's own workflow in ${environment}`, { repository: "gateway", environment }] as const,
    ),
    ["a job of the gateway's own workflow on main", { repository: "gateway" }],
    [
        "a workflow of the platform at a commit that was not reviewed",
        {
            repository: "gateway",
            environment: "production-rollback",
            job_workflow_ref: called("rollback.yml", "b".repeat(40)),
        },
    ],
    [
        "a workflow of the platform at a branch",
        {
            repository: "gateway",
            environment: "production-rollback",
            job_workflow_ref: called("rollback.yml", "refs/heads/main"),
        },
    ],
    [
        "a workflow of the same name in the gateway",
        {
            repository: "gateway",
            environment: "production-rollback",
            job_workflow_ref: called("rollback.yml").replace("/platform/", "/gateway/"),
        },
    ],
    [
        "the deployment, in the environment without an approver",
        { repository: "gateway", environment: "production-rollback", job_workflow_ref: called("deploy.yml") },
    ],
    [
        "the rollback, in the environment with production's keys",
        { repository: "gateway", environment: "production-deployment", job_workflow_ref: called("rollback.yml") },
    ],
    [
        "the job that waits for the approver",
        { repository: "gateway", environment: "production", job_workflow_ref: called("deploy.yml") },
    ],
    ["the checks, on main", { repository: "gateway", job_workflow_ref: called("ci.yml") }],
    [
        "a pull request of the gateway",
        {
            repository: "gateway",
            event_name: "pull_request",
            ref: "refs/pull/7/merge",
            job_workflow_ref: called("publish.yml"),
        },
    ],
    [
        "a pull request of the platform without an approver",
        { repository: "platform", event_name: "pull_request", ref: "refs/pull/7/merge" },
    ],
    [
        "publication by the platform's own repository",
        { repository: "platform", job_workflow_ref: called("publish.yml") },
    ],
];

describe("GitHub's OIDC tokens, judged by the trust policies of the pipeline's roles", function () {
    this.timeout(60_000);
    let world: Sandbox;
    let admin: Client;
    let provider: WebIdentityProvider;

    before(async () => {
        world = await sandbox();
        admin = world.as(administrator);
        for (const name of ["platform", "gateway"]) await createRepository(world, name);
        await prepareEnvironments();
        const front = `http://127.0.0.1:${world.settings.ports.front}`;
        const configuration = (await (await fetch(`${front}/.well-known/openid-configuration`)).json()) as {
            readonly issuer: string;
            readonly jwks_uri: string;
        };
        const { keys } = (await (await fetch(configuration.jwks_uri)).json()) as Pick<WebIdentityProvider, "keys">;
        provider = {
            arn: "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
            issuer: configuration.issuer,
            audiences: ["sts.amazonaws.com"],
            keys,
        };
    });
    after(() => world.remove());

    /** The environments that the program declares, as far as a job's token depends on them. */
    async function prepareEnvironments(): Promise<void> {
        const gateway = `/repos/${organization}/gateway`;
        await admin.expect("PUT", `${gateway}/branches/main/protection`, {
            required_status_checks: null,
            enforce_admins: true,
            required_pull_request_reviews: null,
            restrictions: null,
        });
        for (const name of ["staging", "production"])
            await admin.expect("PUT", `${gateway}/environments/${name}`, {
                deployment_branch_policy: { protected_branches: true, custom_branch_policies: false },
            });
        const platform = `/repos/${organization}/platform`;
        const ofMain = [
            ...["production-deployment", "production-rollback", "sign-evidence"].map((name) => [gateway, name]),
            ...["drift-staging", "drift-prod"].map((name) => [platform, name]),
        ];
        for (const [repository, name] of ofMain) {
            await admin.expect("PUT", `${repository}/environments/${name}`, {
                deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
            });
            await admin.expect("POST", `${repository}/environments/${name}/deployment-branch-policies`, {
                name: "main",
            });
        }
        for (const stack of ["staging", "prod"])
            await admin.expect("PUT", `${platform}/environments/preview-${stack}`, {});
    }

    const ask = ({ repository, ...job }: Job) =>
        admin.post(`/repos/${organization}/${repository}/actions/oidc/token`, {
            audience: "sts.amazonaws.com",
            ref: "refs/heads/main",
            workflow: ".github/workflows/ci-cd.yml",
            ...job,
        });

    async function tokenOf(job: Job): Promise<string> {
        const { status, body } = await ask(job);
        assert.equal(status, 201, JSON.stringify(body));
        return (body as { readonly value: string }).value;
    }

    const claimsOf = (token: string) =>
        JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString()) as Readonly<Record<string, unknown>>;

    async function prefixOf(name: string, immutable: boolean): Promise<string> {
        const found = await admin.expect("GET", `/repos/${organization}/${name}`);
        const ids = { owner: String(found.owner.id), repository: String(found.id) };
        return immutable ? subjectPrefix(organization, name, ids) : subjectPrefix(organization, name);
    }

    /** The trust policies that the program declares, by role. */
    async function trustPolicies(immutable: boolean): Promise<ReadonlyMap<string, unknown>> {
        const subjects = {
            gateway: await prefixOf("gateway", immutable),
            platform: await prefixOf("platform", immutable),
        };
        const resources = await deploy(
            () =>
                new PipelineIdentity("pipeline", {
                    account: { accountId: "123456789012", region: "us-east-1" },
                    environment: "staging",
                    subjects,
                    workflows: { owner: organization, repository: "platform", commits: [reviewed] },
                    services: ["backend"],
                }),
        );
        return new Map(
            ofType(resources, "aws:iam/role:Role").map(({ inputs }) => [
                String(inputs.name).replace("relaypacs-", ""),
                JSON.parse(String(inputs.assumeRolePolicy)) as unknown,
            ]),
        );
    }

    const taken = (token: string, policies: ReadonlyMap<string, unknown>): string[] =>
        [...policies]
            .filter(([, document]) => judgeWebIdentity(token, document, provider).allowed)
            .map(([role]) => role);

    const send = async (immutable: boolean) => {
        for (const name of ["gateway", "platform"])
            await admin.expect("PUT", `/repos/${organization}/${name}/actions/oidc/customization/sub`, {
                use_default: true,
                use_immutable_subject: immutable,
            });
    };

    for (const immutable of [true, false]) {
        const form = immutable ? "ids and names" : "names alone";

        describe(`with ${form} in the subject`, () => {
            let policies: ReadonlyMap<string, unknown>;
            before(async () => {
                await send(immutable);
                policies = await trustPolicies(immutable);
                assert.equal(policies.size, 9);
            });

            for (const [what, role, job] of jobs)
                it(`should give ${what} the role ${role} and no other`, async () => {
                    assert.deepEqual(taken(await tokenOf(job), policies), [role]);
                });

            for (const [what, job] of strangers)
                it(`should give ${what} no role`, async () => {
                    assert.deepEqual(taken(await tokenOf(job), policies), []);
                });

            it("should begin each subject as GitHub says it does", async () => {
                for (const name of ["gateway", "platform"]) {
                    const settings = await admin.expect(
                        "GET",
                        `/repos/${organization}/${name}/actions/oidc/customization/sub`,
                    );
                    assert.equal(settings.sub_claim_prefix, await prefixOf(name, immutable));
                    const { sub } = claimsOf(await tokenOf({ repository: name }));
                    assert.equal(sub, `${settings.sub_claim_prefix}:ref:refs/heads/main`);
                }
            });

            it("should give no job a role where the roles trust the other form", async () => {
                const others = await trustPolicies(!immutable);
                for (const [what, , job] of jobs) assert.deepEqual(taken(await tokenOf(job), others), [], what);
            });
        });
    }

    it("should have one id of the organisation, wherever a client looks it up", async () => {
        const { id } = await admin.expect("GET", `/orgs/${organization}`);
        assert.ok(Number.isInteger(id) && id > 0);
        for (const name of ["gateway", "platform"]) {
            const found = await admin.expect("GET", `/repos/${organization}/${name}`);
            assert.equal(found.owner.id, id);
            assert.ok(Number.isInteger(found.id) && found.id > 0);
        }
    });

    it("should send ids in a repository that is created now", async () => {
        const path = await createRepository(world, "created-now");
        const settings = await admin.expect("GET", `${path}/actions/oidc/customization/sub`);
        assert.deepEqual([settings.use_default, settings.use_immutable_subject], [true, true]);
    });

    it("should give a repository that takes the gateway's name no role", async () => {
        await send(true);
        const policies = await trustPolicies(true);
        await admin.expect("DELETE", `/repos/${organization}/gateway`);
        await createRepository(world, "gateway");
        await prepareEnvironments();
        for (const [what, , job] of jobs.filter(([, , { repository }]) => repository === "gateway"))
            assert.deepEqual(taken(await tokenOf(job), policies), [], what);
        const renewed = await trustPolicies(true);
        assert.deepEqual(taken(await tokenOf(jobs[0]![2]), renewed), ["publish"]);
    });

    it("should give no role where a template makes another subject", async () => {
        const path = `/repos/${organization}/gateway/actions/oidc/customization/sub`;
        await admin.expect("PUT", path, {
            use_default: false,
            include_claim_keys: ["repo", "context", "job_workflow_ref"],
        });
        const [, , job] = jobs.find(([, role]) => role === "rollback-prod")!;
        const token = await tokenOf(job);
        assert.equal(
            claimsOf(token).sub,
            `${await prefixOf("gateway", true)}:environment:production-rollback:job_workflow_ref:${called("rollback.yml")}`,
        );
        assert.deepEqual(taken(token, await trustPolicies(true)), []);
        await admin.expect("PUT", path, { use_default: true });
    });

    it("should start no job of another branch in an environment that names its branches", async () => {
        const main = (await admin.expect("GET", `/repos/${organization}/gateway/git/ref/heads/main`)).object.sha;
        await admin.expect("POST", `/repos/${organization}/gateway/git/refs`, { ref: "refs/heads/feature", sha: main });
        for (const environment of ["production", "production-deployment", "production-rollback", "sign-evidence"]) {
            const { status, body } = await ask({ repository: "gateway", environment, ref: "refs/heads/feature" });
            assert.equal(status, 403);
            const { message } = body as { readonly message: string };
            assert.equal(
                message,
                `feature is not allowed to deploy to ${environment} due to environment protection rules.`,
            );
        }
    });

    it("should give no token to who may not write, for no environment or branch, and for no workflow's file", async () => {
        const stranger = world.as({ token: "unknown-token" });
        const job = { audience: "sts.amazonaws.com", ref: "refs/heads/main", workflow: ".github/workflows/x.yml" };
        const path = `/repos/${organization}/gateway/actions/oidc/token`;
        assert.equal((await stranger.post(path, job)).status, 401);
        assert.equal((await world.as(author).post(path, job)).status, 201);
        assert.equal((await admin.post(path, { ...job, environment: "nowhere" })).status, 404);
        assert.equal((await admin.post(path, { ...job, ref: "refs/heads/nowhere" })).status, 422);
        assert.equal((await admin.post(path, { ...job, workflow: "x.yml" })).status, 422);
        assert.equal((await admin.post(path, { ...job, sub: "repo:x" })).status, 422);
    });
});
