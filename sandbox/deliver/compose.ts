import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { execa } from "execa";
import { parse } from "yaml";
import { z } from "zod";
import { SandboxError } from "../machine/part";

const service = z.strictObject({
    build: z.string(),
    environment: z.record(z.string(), z.coerce.string()).default({}),
    depends_on: z.array(z.string()).default([]),
    ports: z.tuple([z.string().regex(/^127\.0\.0\.1:\d+:\d+$/)]),
    healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
});

const file = z.strictObject({ services: z.record(z.string(), service) });

type Service = z.output<typeof service>;

const portsOf = ({ ports }: Service) => {
    const [, host = "", inside = ""] = ports[0].split(":");
    return { host, inside };
};

/** What a Dockerfile does after its `FROM`, as far as the gateway's have it. */
export interface Recipe {
    readonly base: string;
    readonly runs: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly command: readonly string[];
}

/** Reads a Dockerfile. Files are taken whole, so that COPY says nothing. @throws SandboxError for other instructions */
export function readDockerfile(text: string): Recipe {
    const recipe = {
        base: "",
        runs: [] as string[],
        environment: {} as Record<string, string>,
        command: [] as string[],
    };
    for (const line of text.split("\n").filter((one) => one.trim() !== "" && !one.startsWith("#"))) {
        const [, word = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
        switch (word) {
            case "FROM":
                recipe.base = rest;
                break;
            case "RUN":
                recipe.runs.push(rest);
                break;
            case "ENV":
                for (const [, name = "", value = ""] of rest.matchAll(/(\w+)=(\S+)/g)) recipe.environment[name] = value;
                break;
            case "CMD":
                recipe.command = z.array(z.string()).parse(JSON.parse(rest));
                break;
            case "WORKDIR":
            case "COPY":
            case "USER":
                break;
            default:
                throw new SandboxError(
                    `A Dockerfile has "${line}"; accepted in the sandbox: FROM, RUN, ENV, CMD, WORKDIR, COPY, USER.`,
                );
        }
    }
    return recipe;
}

/** One project's stack: a folder for each service, with its process and its log. */
export class Compose {
    private readonly services: Readonly<Record<string, Service>>;

    constructor(
        private readonly composeFile: string,
        private readonly folder: string,
    ) {
        this.services = file.parse(parse(fs.readFileSync(composeFile, "utf8"))).services;
    }

    private place(name: string, what: string): string {
        return path.join(this.folder, name, what);
    }

    private variables(name: string): Record<string, string> {
        const bin = this.place(name, "python/bin");
        return { ...(process.env as Record<string, string>), PATH: `${bin}:${process.env.PATH ?? ""}` };
    }

    /** What a container knows by a service's name and port is here a port of this machine. */
    private here(text: string): string {
        return Object.entries(this.services).reduce((all, [name, one]) => {
            const { host, inside } = portsOf(one);
            return all.replaceAll(`${name}:${inside}`, `127.0.0.1:${host}`);
        }, text);
    }

    private recipe(one: Service): Recipe {
        const folder = path.resolve(path.dirname(this.composeFile), one.build);
        return readDockerfile(fs.readFileSync(path.join(folder, "Dockerfile"), "utf8"));
    }

    /** Runs what the Dockerfiles say on this machine, and starts their commands. They end with the step's process group. */
    async up(): Promise<void> {
        for (const [name, one] of Object.entries(this.services)) {
            const { base, runs, environment, command } = this.recipe(one);
            const context = path.resolve(path.dirname(this.composeFile), one.build);
            const root = this.place(name, "root");
            fs.rmSync(path.dirname(root), { recursive: true, force: true });
            fs.cpSync(context, root, { recursive: true, filter: (each) => path.basename(each) !== "node_modules" });
            if (base.startsWith("python:")) await execa("python3", ["-m", "venv", this.place(name, "python")]);
            for (const script of runs)
                await execa("bash", ["-e", "-c", script], {
                    cwd: root,
                    env: this.variables(name),
                    stdio: ["ignore", "inherit", "inherit"],
                });
            const own = Object.fromEntries(
                Object.entries(one.environment).map(([key, value]) => [key, this.here(value)]),
            );
            const log = fs.openSync(this.place(name, "log"), "w");
            const [program = "", ...args] = command;
            const child = spawn(program, args, {
                cwd: root,
                env: {
                    ...this.variables(name),
                    ...environment,
                    ...own,
                    HOST: "127.0.0.1",
                    PORT: portsOf(one).host,
                },
                stdio: ["ignore", log, log],
            });
            fs.writeFileSync(this.place(name, "pid"), String(child.pid));
            child.unref();
        }
    }

    /** A line for each service, as `docker compose ps --format json` prints it. */
    async ps(): Promise<string> {
        const lines = await Promise.all(
            Object.entries(this.services).map(async ([name, one]) => {
                if (!fs.existsSync(this.place(name, "pid"))) return undefined;
                const pid = fs.readFileSync(this.place(name, "pid"), "utf8");
                if (!fs.existsSync(`/proc/${pid}`)) return { Service: name, State: "exited", ExitCode: 1, Health: "" };
                return { Service: name, State: "running", ExitCode: 0, Health: await this.health(name, one) };
            }),
        );
        return lines
            .filter((line) => line !== undefined)
            .map((line) => JSON.stringify(line))
            .join("\n");
    }

    private async health(name: string, one: Service): Promise<string> {
        const [kind, program = "", ...args] = one.healthcheck?.test ?? [];
        if (kind !== "CMD") return "";
        const { host, inside } = portsOf(one);
        const here = args.map((arg) => arg.replaceAll(`127.0.0.1:${inside}`, `127.0.0.1:${host}`));
        const { exitCode } = await execa(program, here, { env: this.variables(name), reject: false, timeout: 5000 });
        return exitCode === 0 ? "healthy" : "starting";
    }

    logs(): string {
        return Object.keys(this.services)
            .filter((name) => fs.existsSync(this.place(name, "log")))
            .flatMap((name) =>
                fs
                    .readFileSync(this.place(name, "log"), "utf8")
                    .split("\n")
                    .map((line) => `${name} | ${line}`),
            )
            .join("\n");
    }
}
