import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { compileHost, installLanguageHost } from "../../../sandbox/engine/install";
import { requiredPlugins } from "../../../sandbox/engine/language/packages";
import { projectRoot } from "../../../sandbox/machine/instance";

const versionOf = (name: string): string => {
    const file = path.join(projectRoot, "node_modules", name, "package.json");
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
};

describe("The language host, reading a program,", () => {
    let folder = "";
    const write = (file: string, content: unknown): void => {
        const target = path.join(folder, file);
        fs.mkdirSync(path.dirname(target), { recursive: true });
        fs.writeFileSync(target, typeof content === "string" ? content : JSON.stringify(content));
    };
    beforeEach(() => {
        folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "program-")));
    });
    afterEach(() => {
        fs.rmSync(folder, { recursive: true });
    });

    it("should require this project's plugins, each once", () => {
        const plugins = requiredPlugins(projectRoot);
        assert.deepEqual(
            plugins.map(({ name, version }) => `${name} ${version}`).sort(),
            ["aws", "github", "kubernetes"].map((name) => `${name} v${versionOf(`@pulumi/${name}`)}`),
        );
    });

    it("should ask for the plugins of SDKs only, by the name that the SDK gives", () => {
        const sdk = (pulumi: object) => ({ version: "1.2.3", pulumi });
        write("package.json", {
            dependencies: { "@pulumi/eks": "*", "@acme/tool": "*", plain: "*", missing: "*" },
        });
        write("node_modules/@pulumi/eks/package.json", sdk({ resource: true }));
        write("node_modules/@acme/tool/package.json", sdk({ resource: true, name: "acme-tool" }));
        write("node_modules/plain/package.json", { version: "1.0.0" });
        assert.deepEqual(requiredPlugins(folder), [
            { name: "eks", version: "v1.2.3" },
            { name: "acme-tool", version: "v1.2.3" },
        ]);
        assert.deepEqual(requiredPlugins(path.join(folder, "nested")), []);
    });

    it("should name a package.json that cannot be read", () => {
        write("package.json", "{");
        assert.throws(() => requiredPlugins(folder), /package\.json is not valid JSON/);
    });
});

describe("The installation of the language host", () => {
    it("should write a launcher where the engine looks for this project's version, once", () => {
        const home = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-home-"));
        try {
            const host = compileHost();
            assert.equal(compileHost(), host);
            installLanguageHost(home);
            const plugin = `language-nodejs-v${versionOf("@pulumi/pulumi")}`;
            assert.deepEqual(fs.readdirSync(path.join(home, "plugins")), [plugin]);
            const launcher = path.join(home, "plugins", plugin, "pulumi-language-nodejs");
            fs.accessSync(launcher, fs.constants.X_OK);
            const written = fs.statSync(launcher).mtimeMs;
            installLanguageHost(home);
            assert.equal(fs.statSync(launcher).mtimeMs, written);
        } finally {
            fs.rmSync(home, { recursive: true });
        }
    });

    it("should give a host that reports its address, and ends with the process that started it", async () => {
        const host = spawn(process.execPath, [path.join(compileHost(), "language", "host.js"), "127.0.0.1:1"], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        const [line] = (await once(host.stdout, "data")) as [Buffer];
        assert.match(line.toString(), /^\d+\n$/);
        host.stdin.end();
        assert.deepEqual(await once(host, "exit"), [0, null]);
    });
});
