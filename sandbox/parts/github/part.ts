import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot, type Instance } from "../../machine/instance";
import type { Part } from "../../machine/part";
import { runningPid, startProcess, stopProcess } from "../../machine/process";
import { transpiledArguments, transpileTo } from "../../machine/transpiled";
import { administrator, organization, platformRepository, relaypacs } from "./relaypacs";
import type { GitHubSettings } from "./settings";

const processName = "github";

const mainModule = path.relative(projectRoot, path.join(__dirname, "main.ts"));

/** New objects have 1 MiB before they are collected, not 16: it answers few requests, and rests most of the time. */
const smallHeap = ["--max-semi-space-size=1"];

/** Where clients reach it. */
export const githubAddress = (instance: Instance) => `http://127.0.0.1:${instance.ports.github}`;

/** The address of its API, as the provider takes it. */
export const githubApi = (instance: Instance) => `${githubAddress(instance)}/`;

const folder = (instance: Instance) => path.join(instance.root, "github");

async function answers(instance: Instance): Promise<boolean> {
    const response = await fetch(`${githubAddress(instance)}/api/v3/orgs/${organization}`, {
        headers: { Authorization: `Bearer ${administrator.token}` },
    });
    return response.ok;
}

function writeSettings(instance: Instance): string {
    const settings: GitHubSettings = {
        organization: { ...relaypacs.organization },
        repository: platformRepository,
        users: relaypacs.users.map((user) => ({ ...user })),
        teams: relaypacs.teams.map((team) => ({ ...team, members: [...team.members] })),
        ports: { emulator: instance.ports.githubEmulator, front: instance.ports.github },
        stateFile: path.join(folder(instance), "state.json"),
    };
    const file = path.join(folder(instance), "settings.json");
    fs.mkdirSync(folder(instance), { recursive: true });
    fs.writeFileSync(file, JSON.stringify(settings, undefined, 2));
    return file;
}

/**
 * GitHub: an emulator with the organisation, its people and teams, and in front of it a server, "the front", which adds
 * what the platform needs.
 */
export const github: Part = {
    name: "GitHub",

    async up(instance, progress) {
        const program = path.join(folder(instance), "program.json");
        if (runningPid(instance, processName) === undefined) {
            progress("starting the GitHub emulator");
            transpileTo(program, mainModule);
        }
        await startProcess(
            instance,
            processName,
            process.execPath,
            [...smallHeap, ...transpiledArguments(program), writeSettings(instance)],
            { directory: projectRoot, ready: () => answers(instance) },
        );
    },

    async state(instance) {
        if (runningPid(instance, processName) === undefined) return { running: false, detail: "not running" };
        const running = await answers(instance).catch(() => false);
        const place = `${organization} at ${githubAddress(instance)}`;
        return { running, detail: running ? place : `${place} does not answer` };
    },

    down: (instance) => stopProcess(instance, processName),

    environment: (instance) => ({
        GITHUB_BASE_URL: githubApi(instance),
        GITHUB_TOKEN: administrator.token,
    }),
};
