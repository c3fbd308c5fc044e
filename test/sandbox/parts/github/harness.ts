import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { startGitHub, type GitHub } from "../../../../sandbox/parts/github/front";
import { administrator, organization, relaypacs, type Person } from "../../../../sandbox/parts/github/relaypacs";
import type { GitHubSettings } from "../../../../sandbox/parts/github/settings";
import { requestProblems, responseProblems, templateOf } from "./openapi";

export async function freePorts(count: number): Promise<number[]> {
    const servers = await Promise.all(
        Array.from({ length: count }, async () => {
            const server = net.createServer().listen(0, "127.0.0.1");
            await new Promise((resolve) => server.once("listening", resolve));
            return server;
        }),
    );
    const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    return ports;
}

export interface Answer {
    readonly status: number;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look into many shapes; Ajv checks them
    readonly body: any;
}

/** Paths that the front answers itself, rather than emulate: each answer is checked against GitHub's description. */
const own =
    /\/(environments|actions\/(variables|secrets|permissions|oidc)|rulesets|protection|collaborators|teams|vulnerability-alerts|automated-security-fixes|merge|update-branch|statuses)(\/|$)|^\/repos\/\{owner\}\/\{repo\}$|\/git\/refs\/|^\/orgs\/\{org\}\/repos$/;

/** One person's client of the front. */
export class Client {
    constructor(
        private readonly url: string,
        readonly person: Person | { token: string },
    ) {}

    async call(method: string, target: string, content?: object): Promise<Answer> {
        const response = await fetch(`${this.url}/api/v3${target}`, {
            method,
            // A kept-alive connection would still be to the old process after a restart.
            headers: { Authorization: `Bearer ${this.person.token}`, Connection: "close" },
            ...(content !== undefined && { body: JSON.stringify(content) }),
        });
        const text = await response.text();
        const body: unknown = text === "" ? undefined : JSON.parse(text);
        const template = templateOf(target.split("?")[0] ?? "");
        if (template !== undefined && own.test(template)) {
            if (content !== undefined && response.ok) assert.deepEqual(requestProblems(method, template, content), []);
            assert.deepEqual(responseProblems(method, template, response.status, body), []);
        }
        return { status: response.status, body };
    }

    get = (target: string) => this.call("GET", target);
    post = (target: string, content: object) => this.call("POST", target, content);
    put = (target: string, content?: object) => this.call("PUT", target, content);
    patch = (target: string, content: object) => this.call("PATCH", target, content);
    delete = (target: string, content?: object) => this.call("DELETE", target, content);

    /** Makes a call that must succeed, and returns its body. */
    async expect(method: string, target: string, content?: object): Promise<Answer["body"]> {
        const { status, body } = await this.call(method, target, content);
        assert.ok(status < 300, `${method} ${target}: ${status} ${JSON.stringify(body)}`);
        return body;
    }

    async graphql(query: string, variables?: object): Promise<Answer["body"]> {
        const response = await fetch(`${this.url}/api/graphql`, {
            method: "POST",
            headers: { Authorization: `Bearer ${this.person.token}` },
            body: JSON.stringify({ query, variables }),
        });
        assert.equal(response.status, 200);
        return response.json();
    }
}

export interface Sandbox {
    readonly settings: GitHubSettings;
    as(person: Person | { token: string }): Client;
    /** Stops it; a new start with the same settings continues with its state. */
    stop(): Promise<void>;
    start(): Promise<void>;
    /** Stops it and removes its folder. */
    remove(): Promise<void>;
}

/** RelayPACS' GitHub on free ports and in a folder of its own. */
export async function sandbox(): Promise<Sandbox> {
    const [emulator, front] = await freePorts(2);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-github-"));
    const settings: GitHubSettings = {
        organization: { ...relaypacs.organization },
        users: relaypacs.users.map((user) => ({ ...user })),
        teams: relaypacs.teams.map((team) => ({ ...team, members: [...team.members] })),
        ports: { emulator: emulator!, front: front! },
        stateFile: path.join(folder, "state.json"),
    };
    let github: GitHub | undefined = await startGitHub(settings);
    const stop = async () => {
        await github?.close();
        github = undefined;
    };
    return {
        settings,
        as: (person) => new Client(`http://127.0.0.1:${front!}`, person),
        stop,
        start: async () => {
            github = await startGitHub(settings);
        },
        remove: async () => {
            await stop();
            fs.rmSync(folder, { recursive: true });
        },
    };
}

/** A private repository with one commit on `main`; its path under the API. */
export async function createRepository(world: Sandbox, name: string, settings: object = {}): Promise<string> {
    const wanted = { name, private: true, auto_init: true, ...settings };
    await world.as(administrator).expect("POST", `/orgs/${organization}/repos`, wanted);
    return `/repos/${organization}/${name}`;
}
