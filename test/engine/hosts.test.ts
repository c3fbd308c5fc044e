import * as assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { compileHosts, installStandIns } from "../../sandbox/engine/install";
import { programDependencies, requiredPlugins } from "../../sandbox/engine/language/packages";
import { decodeYaml } from "../../sandbox/engine/kubernetes/invoke";
import { projectRoot } from "../../sandbox/instance";

const versionOf = (name: string): string => {
    const file = path.join(projectRoot, "node_modules", name, "package.json");
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version;
};

describe("the language host's view of a program", () => {
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

    it("needs this project's plugins, each once", () => {
        const plugins = requiredPlugins(projectRoot);
        assert.deepEqual(
            plugins.map(({ name, version }) => `${name} ${version}`).sort(),
            ["aws", "github", "kubernetes"].map((name) => `${name} v${versionOf(`@pulumi/${name}`)}`),
        );
    });

    it("follows SDKs to the SDKs that they use, and nothing else", () => {
        const sdk = (name: string, dependencies: Record<string, string>, plugin = true) => ({
            name,
            version: "1.2.3",
            dependencies: { "@pulumi/pulumi": "*", ...dependencies },
            ...(plugin ? { pulumi: { resource: true, name: path.basename(name) } } : {}),
        });
        write("package.json", {
            dependencies: { "@pulumi/eks": "*", plain: "*", missing: "*" },
            devDependencies: { "@acme/tool": "*" },
        });
        write("node_modules/@pulumi/eks/package.json", sdk("@pulumi/eks", { "@pulumi/aws": "*" }, false));
        write(
            "node_modules/@pulumi/eks/node_modules/@pulumi/aws/package.json",
            sdk("@pulumi/aws", { "@pulumi/eks": "*" }),
        );
        write("node_modules/@acme/tool/package.json", {
            ...sdk("@acme/tool", {}),
            pulumi: { resource: true, name: "tool", version: "v9.0.0", server: "https://plugins.example.test" },
        });
        write("node_modules/plain/package.json", { name: "plain", dependencies: { hidden: "*" } });
        write("node_modules/hidden/package.json", sdk("hidden", {}));
        write("nested/index.ts", "");
        assert.deepEqual(requiredPlugins(path.join(folder, "nested")), [
            { name: "aws", version: "v1.2.3", server: "" },
            { name: "tool", version: "v9.0.0", server: "https://plugins.example.test" },
        ]);
        assert.deepEqual(programDependencies(folder)[0], { name: "@pulumi/eks", version: "1.2.3" });
        assert.deepEqual(programDependencies(folder)[2], { name: "missing", version: "*" });
    });

    it("names a package.json that cannot be read", () => {
        write("package.json", "{");
        assert.throws(() => requiredPlugins(folder), /package\.json is not valid JSON/);
    });
});

describe("installing the stand-ins", () => {
    it("writes launchers where the engine looks for this project's versions, once", async () => {
        const home = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-home-"));
        try {
            const hosts = await compileHosts();
            assert.equal(await compileHosts(), hosts);
            await installStandIns(home, { languageHost: true, kubernetes: true });
            const launchers = [
                `language-nodejs-v${versionOf("@pulumi/pulumi")}/pulumi-language-nodejs`,
                `resource-kubernetes-v${versionOf("@pulumi/kubernetes")}/pulumi-resource-kubernetes`,
            ].map((file) => path.join(home, "plugins", file));
            const times = launchers.map((file) => {
                fs.accessSync(file, fs.constants.X_OK);
                return fs.statSync(file).mtimeMs;
            });
            await installStandIns(home, { languageHost: true, kubernetes: true });
            assert.deepEqual(
                launchers.map((file) => fs.statSync(file).mtimeMs),
                times,
            );
        } finally {
            fs.rmSync(home, { recursive: true });
        }
    });

    it("installs only what is wanted", async () => {
        const home = fs.mkdtempSync(path.join(os.tmpdir(), "pulumi-home-"));
        try {
            await installStandIns(home, { languageHost: false, kubernetes: true });
            assert.deepEqual(fs.readdirSync(path.join(home, "plugins")), [
                `resource-kubernetes-v${versionOf("@pulumi/kubernetes")}`,
            ]);
        } finally {
            fs.rmSync(home, { recursive: true });
        }
    });

    it("gives a host that says where it listens, and ends with whoever started it", async () => {
        const host = spawn(process.execPath, [path.join(await compileHosts(), "language", "host.js"), "127.0.0.1:1"], {
            stdio: ["pipe", "pipe", "inherit"],
        });
        const [line] = (await once(host.stdout, "data")) as [Buffer];
        assert.match(line.toString(), /^\d+\n$/);
        host.stdin.end();
        assert.deepEqual(await once(host, "exit"), [0, null]);
    });
});

describe("kubernetes:yaml:decode", () => {
    it("unfolds documents and lists, and fills in a namespace", () => {
        const text = "kind: A\n---\nkind: List\nitems: [{kind: B, metadata: {namespace: own}}]\n---\n";
        assert.deepEqual(decodeYaml({ text, defaultNamespace: "shop" }), {
            result: [
                { kind: "A", metadata: { namespace: "shop" } },
                { kind: "B", metadata: { namespace: "own" } },
            ],
        });
        assert.throws(() => decodeYaml({ text: "a: [" }), /the YAML cannot be read/);
    });
});
