import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { once } from "node:events";
import * as http from "node:http";
import * as net from "node:net";
import { preflight } from "../../program/preflight";
import type { LastRelease } from "../../program/last-release";
import { SettingsError } from "../../settings";
import { repository } from "../../settings/schema";
import { answering, expiredToken, groups, kubeconfig, type Answering } from "../support/reached";

const account = { accountId: "123456789012", region: "us-east-1" };
const images = { backend: `sha256:${"a".repeat(64)}` };
const release = { version: "1.4.2", commit: "b".repeat(40), images, hotfix: false, rollback: false };

/** What a stack's settings say, as far as it is checked. */
const settings: Parameters<typeof preflight>[0] = {
    account,
    bootstrap: false,
    certificateIssuer: "letsencrypt",
    clusterServices: "create",
    deploymentStrategy: "rolling",
    environment: "staging",
    kubernetesContext: undefined,
    release,
    repository: repository.parse({ owner: "relaypacs", name: "gateway" }),
    secretDelivery: "kubernetesSecret",
    services: [],
};

describe("What an update changes", () => {
    const open: { close(): unknown }[] = [];
    const before = { ...process.env };
    afterEach(() => {
        process.env = { ...before };
        open.splice(0).forEach((one) => one.close());
    });

    async function asked(
        variables: Readonly<Record<string, string>>,
        change: Partial<Parameters<typeof preflight>[0]> = {},
        seconds = 2,
        last?: LastRelease,
    ): Promise<string[]> {
        Object.assign(process.env, variables);
        try {
            assert.deepEqual(await preflight({ ...settings, ...change }, () => Promise.resolve(last), seconds), []);
            return [];
        } catch (error) {
            assert.ok(error instanceof SettingsError);
            return error.message.split("\n");
        }
    }

    async function start(...given: Parameters<typeof answering>): Promise<Answering> {
        const started = await answering(...given);
        open.push(started);
        return started;
    }

    it("should be the account and the cluster of the settings", async () => {
        const { variables } = await start();
        assert.deepEqual(await asked(variables, { kubernetesContext: "staging-cluster" }), []);
        assert.deepEqual(await asked(variables), []);
    });

    it("should not be another account", async () => {
        const { variables } = await start("210987654321");
        assert.deepEqual(await asked(variables), [
            'The AWS credentials are of account 210987654321, but relaypacs:awsAccountId is "123456789012"; log in to that account.',
        ]);
    });

    it("should be refused in one sentence, however many properties wait for the answer", async () => {
        const { variables } = await start("210987654321");
        Object.assign(process.env, variables);
        const waiting = preflight(settings, () => Promise.resolve(undefined), 2);
        const properties = () => pulumi.runtime.serializeProperties("resource", { role: waiting, rules: [waiting] });
        const sentence = ({ message }: Error) =>
            /^The AWS credentials are of account/.test(message) && !/serializing/.test(message);
        await assert.rejects(properties(), sentence);
        await assert.rejects(properties(), sentence);
    });

    it("should have credentials", async () => {
        const { variables } = await start();
        const nowhere = { AWS_CONFIG_FILE: "/nowhere", AWS_SHARED_CREDENTIALS_FILE: "/nowhere" };
        const none = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true" };
        assert.deepEqual(await asked({ ...variables, ...nowhere, ...none }), [
            'AWS does not say whose credentials these are (Could not load credentials from any providers); relaypacs:awsAccountId is "123456789012": log in to that account.',
        ]);
    });

    const refused =
        "GitHub refuses GITHUB_TOKEN (401); it must be a token that has not expired, with the permissions in docs/guides/account-setup.md.";

    it("should have a token that GitHub takes", async () => {
        const { variables } = await start();
        assert.deepEqual(await asked({ ...variables, GITHUB_TOKEN: expiredToken }), [refused]);
        assert.deepEqual(await asked({ ...variables, GITHUB_TOKEN: "current-token" }), []);
    });

    it("should ask the GitHub that the provider uses about the token", async () => {
        const paths: string[] = [];
        const server = http.createServer(({ url = "" }, response) => {
            paths.push(url);
            response.writeHead(401).end("{}");
        });
        open.push(server.listen(0, "127.0.0.1"));
        await once(server, "listening");
        const { port } = server.address() as net.AddressInfo;
        const { variables } = await start();
        const GITHUB_BASE_URL = `http://127.0.0.1:${port}/`;
        assert.deepEqual(await asked({ ...variables, GITHUB_BASE_URL }), [refused]);
        assert.deepEqual(paths, ["/api/v3/orgs/relaypacs"]);
    });

    it("should leave a GitHub that does not answer to the provider, which repeats its requests", async () => {
        const { variables } = await start();
        const closed = await start();
        closed.close();
        assert.deepEqual(await asked({ ...variables, GITHUB_API_URL: `http://127.0.0.1:${closed.port}` }), []);
    });

    it("should have a kubeconfig", async () => {
        const { variables } = await start();
        assert.deepEqual(
            await asked({ ...variables, KUBECONFIG: "/nowhere/config" }, { kubernetesContext: "staging-cluster" }),
            [
                `The cluster of the context "staging-cluster" can't be used (ENOENT: no such file or directory, open '/nowhere/config'); KUBECONFIG must name the file of a cluster that answers.`,
            ],
        );
    });

    it("should have the context", async () => {
        const { variables } = await start();
        assert.deepEqual(await asked(variables, { kubernetesContext: "elsewhere" }), [
            `The cluster of the context "elsewhere" can't be used (The kubeconfig has no context "elsewhere"; it has staging-cluster, prod-cluster); KUBECONFIG must name the file of a cluster that answers.`,
        ]);
    });

    it("should be a cluster that listens", async () => {
        const { variables } = await start();
        const closed = await start();
        closed.close();
        const KUBECONFIG = kubeconfig(`http://127.0.0.1:${closed.port}`);
        assert.deepEqual(await asked({ ...variables, KUBECONFIG }, {}, 1), [
            `The cluster of the current context can't be used (connect ECONNREFUSED 127.0.0.1:${closed.port}); KUBECONFIG must name the file of a cluster that answers.`,
        ]);
    });

    it("should be a cluster that answers", async () => {
        const { variables } = await start();
        const silent = net.createServer().listen(0, "127.0.0.1");
        open.push(silent);
        await new Promise((resolve) => silent.once("listening", resolve));
        const { port } = silent.address() as net.AddressInfo;
        const begun = Date.now();
        assert.deepEqual(await asked({ ...variables, KUBECONFIG: kubeconfig(`http://127.0.0.1:${port}`) }, {}, 1), [
            `The cluster of the current context can't be used (127.0.0.1:${port} gives no answer within 1 s); KUBECONFIG must name the file of a cluster that answers.`,
        ]);
        assert.ok(Date.now() - begun < 5000, `${Date.now() - begun} ms`);
    });

    it("should be a cluster that takes the credentials, whatever they allow", async () => {
        const refused = await start(account.accountId, [401]);
        assert.deepEqual(await asked(refused.variables), [
            `The cluster of the current context can't be used (127.0.0.1:${refused.port} answers with 401); KUBECONFIG must name the file of a cluster that answers.`,
        ]);
        const forbidden = await start(account.accountId, [403]);
        assert.deepEqual(await asked(forbidden.variables), []);
    });

    it("should be waited for while it restarts", async () => {
        const { variables } = await start(account.accountId, [503, 503, 200]);
        assert.deepEqual(await asked(variables), []);
    });

    const using = {
        deploymentStrategy: "blueGreen",
        clusterServices: "use",
        secretDelivery: "externalSecrets",
    } as const;

    it("should have the kinds that the settings ask for", async () => {
        const { variables } = await start();
        assert.deepEqual(await asked(variables, using), []);
    });

    it("should not be asked for kinds that the update makes, or that only a release needs", async () => {
        const { variables } = await start(account.accountId, [200], []);
        assert.deepEqual(await asked(variables), []);
        const made = { ...using, clusterServices: "create", secretDelivery: "kubernetesSecret" } as const;
        assert.deepEqual(await asked(variables, { ...made, certificateIssuer: "none" }), []);
        assert.deepEqual(await asked(variables, { ...using, bootstrap: true, release: undefined }), []);
    });

    for (const [missing, sentence] of [
        [
            "external-secrets.io/v1",
            'relaypacs:secretDelivery is "externalSecrets", but the cluster of the current context has no kinds of external-secrets.io/v1; install the External Secrets Operator there first.',
        ],
        [
            "cert-manager.io/v1",
            'relaypacs:certificateIssuer is "letsencrypt", but the cluster of the current context has no kinds of cert-manager.io/v1; install cert-manager there first.',
        ],
        [
            "argoproj.io/v1alpha1",
            'relaypacs:clusterServices is "use", but the cluster of the current context has no kinds of argoproj.io/v1alpha1; install Argo Rollouts there first.',
        ],
        [
            "traefik.io/v1alpha1",
            'relaypacs:clusterServices is "use", but the cluster of the current context has no kinds of traefik.io/v1alpha1; install Traefik there first.',
        ],
    ] as const)
        it(`should have ${missing} where the settings ask for it`, async () => {
            const { variables } = await start(
                account.accountId,
                [200],
                groups.filter((group) => group !== missing),
            );
            assert.deepEqual(await asked(variables, using), [sentence]);
        });

    it("should be told of everything at once", async () => {
        const { variables } = await start("210987654321");
        const found = await asked({ ...variables, KUBECONFIG: "/nowhere/config" }, {}, 2, {
            version: "1.5.0",
            images,
        });
        assert.equal(found.length, 3, found.join("\n"));
        assert.match(found[2]!, /^Release 1\.4\.2 is older than 1\.5\.0/);
    });
});
