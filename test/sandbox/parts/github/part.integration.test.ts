import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { github } from "../../../../sandbox/parts/github/part";
import { administrator, organization } from "../../../../sandbox/parts/github/relaypacs";
import { gitHubSettings } from "../../../../sandbox/parts/github/settings";
import { instanceNamed, type Instance } from "../../../../sandbox/machine/instance";
import { runningPid } from "../../../../sandbox/machine/process";
import { createRepository, freePorts, Client, type Sandbox } from "./harness";

describe("GitHub as a part of the sandbox", () => {
    let instance: Instance;

    before(async () => {
        const [githubEmulator, front] = await freePorts(2);
        const root = fs.mkdtempSync(path.join(os.tmpdir(), "relaypacs-github-part-"));
        const test = instanceNamed("test");
        instance = {
            ...test,
            root,
            run: path.join(root, "run"),
            logs: path.join(root, "logs"),
            ports: { ...test.ports, githubEmulator: githubEmulator!, github: front! },
        };
    });

    after(async () => {
        await github.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    it("should start, recover after its process was killed, and stop", async () => {
        assert.equal((await github.state(instance)).running, false);
        const lines: string[] = [];
        await github.up(instance, (line) => lines.push(line));
        assert.deepEqual(lines, ["starting the GitHub emulator"]);
        const pid = runningPid(instance, "github");
        await github.up(instance, (line) => lines.push(line));
        assert.equal(runningPid(instance, "github"), pid);
        assert.equal(lines.length, 1, "a part that runs is left alone");

        const { GITHUB_BASE_URL = "", GITHUB_TOKEN = "" } = github.environment(instance);
        const client = new Client(GITHUB_BASE_URL.slice(0, -1), { token: GITHUB_TOKEN });
        // Its pull requests run previews in an environment that the program creates; it does not create the repository
        // itself.
        const platform = await client.expect("GET", `/repos/${organization}/platform`);
        assert.equal(platform.visibility, "private");
        await client.expect("PUT", `/repos/${organization}/platform/environments/preview`, {
            can_admins_bypass: false,
        });
        await createRepository({ as: () => client } as unknown as Sandbox, "gateway");
        process.kill(pid!, "SIGKILL");
        while (runningPid(instance, "github") !== undefined) await new Promise((resolve) => setTimeout(resolve, 10));
        await github.up(instance, () => undefined);
        assert.equal((await client.get(`/repos/${organization}/gateway`)).status, 200);
        assert.equal((await client.get(`/repos/${organization}/platform`)).body.id, platform.id);
        assert.equal((await client.get(`/repos/${organization}/platform/environments`)).body.total_count, 1);
        assert.deepEqual(await github.state(instance), {
            running: true,
            detail: `${organization} at ${GITHUB_BASE_URL.slice(0, -1)}`,
        });

        await github.down(instance);
        assert.equal((await github.state(instance)).running, false);
        await assert.rejects(client.get(`/orgs/${organization}`));
    });

    it("should add the platform's repository to a state that was saved without it", async () => {
        const file = path.join(instance.root, "github", "state.json");
        await github.up(instance, () => undefined);
        const { GITHUB_BASE_URL = "", GITHUB_TOKEN = "" } = github.environment(instance);
        const client = new Client(GITHUB_BASE_URL.slice(0, -1), { token: GITHUB_TOKEN });
        await client.expect("DELETE", `/repos/${organization}/platform`);
        await github.down(instance);
        assert.ok(!fs.readFileSync(file, "utf8").includes(`${organization}/platform"`));
        await github.up(instance, () => undefined);
        assert.equal((await client.get(`/repos/${organization}/platform`)).status, 200);
        assert.equal((await client.get(`/repos/${organization}/gateway`)).status, 200);
        await github.down(instance);
    });

    it("should refuse settings with an unknown team member, a bad port or an unknown key", () => {
        const settings = {
            organization: { login: organization, name: "RelayPACS" },
            users: [{ login: administrator.login, name: "A", role: "admin", token: administrator.token }],
            teams: [{ slug: "crew", name: "Crew", members: ["nobody"] }],
            ports: { emulator: 1, front: 70_000 },
            colour: "red",
        };
        const { error } = gitHubSettings.safeParse(settings);
        const messages = error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n") ?? "";
        assert.match(messages, /ports\.front: /);
        assert.match(messages, /colour/);
        const other = { ...settings, ports: { emulator: 1, front: 2 }, colour: undefined };
        const named = gitHubSettings.safeParse(JSON.parse(JSON.stringify(other)));
        assert.match(named.error?.issues[0]?.message ?? "", /names nobody, who is not among the users/);
    });
});
