import * as assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { run } from "../../../sandbox/machine/command";
import { projectRoot } from "../../../sandbox/machine/instance";
import { makeSources } from "../../../sandbox/toolchain/changed-modules";
import { sourcesDigest, tidiedDigest } from "../../../sandbox/toolchain/tidy";
import { selectServices } from "../../../sandbox/toolchain/aws-provider/selection";
import { selectResources } from "../../../sandbox/toolchain/kubernetes-provider/selection";
import { downloadsAreUsed, officialPulumi } from "../../../sandbox/toolchain/downloads";
import { mainPackage, moduleFolder, pinnedVersion } from "../../../sandbox/toolchain/program";
import { clusterPrograms, programPath, toolPrograms } from "../../../sandbox/toolchain/programs";

const quiet = () => undefined;
const version = "v1.2.3";
const archiveName = `pulumi-${version}-linux-${process.arch}.tar.gz`;

/** Runs a script in a process of its own, with another cache and PATH. */
async function runScript(script: string, environment: Record<string, string>) {
    return promisify(execFile)(process.execPath, ["-r", "ts-node/register", "-e", script], {
        cwd: projectRoot,
        env: { ...process.env, ...environment },
    });
}

describe("The toolchain", function () {
    this.timeout(60_000);

    let folder: string;
    let server: http.Server;
    let base: string;
    let requests: string[];
    const files = new Map<string, Buffer>();

    before(async () => {
        server = http.createServer((request, response) => {
            requests.push(`${request.method!} ${request.url!}`);
            const content = files.get(request.url!.slice(1));
            response.writeHead(content === undefined ? 404 : 200).end(content);
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });

    beforeEach(async () => {
        requests = [];
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "toolchain-"));
        const release = path.join(folder, "release", "pulumi");
        fs.mkdirSync(release, { recursive: true });
        fs.writeFileSync(path.join(release, "pulumi"), "#!/bin/sh\necho official\n", { mode: 0o755 });
        const archive = path.join(folder, archiveName);
        await run("tar", ["-czf", archive, "-C", path.dirname(release), "pulumi"]);
        const content = fs.readFileSync(archive);
        const digest = createHash("sha256").update(content).digest("hex");
        files.set(archiveName, content);
        files.set(
            "pulumi-1.2.3-checksums.txt",
            Buffer.from(`${"0".repeat(64)}  other.zip\n${digest}  ${archiveName}\n`),
        );
    });

    afterEach(() => {
        delete process.env.SANDBOX_DOWNLOADS;
        fs.rmSync(folder, { recursive: true });
    });

    after(() => server.close());

    const cache = () => path.join(folder, "cache");

    it("should ask once whether releases can be reached and remember the answer", async () => {
        assert.equal(await downloadsAreUsed(version, base, cache()), true);
        assert.equal(await downloadsAreUsed(version, base, cache()), true);
        assert.deepEqual(requests, ["HEAD /pulumi-1.2.3-checksums.txt"]);
    });

    it("should ask again after a day", async () => {
        fs.mkdirSync(cache());
        const yesterday = Date.now() - 24 * 60 * 60 * 1000 - 1;
        fs.writeFileSync(path.join(cache(), "downloads.json"), JSON.stringify({ reachable: false, at: yesterday }));
        assert.equal(await downloadsAreUsed(version, base, cache()), true);
    });

    it("should count a missing release, or a silent machine, as out of reach", async () => {
        files.delete("pulumi-1.2.3-checksums.txt");
        assert.equal(await downloadsAreUsed(version, base, cache()), false);
        assert.equal(await downloadsAreUsed(version, "http://127.0.0.1:1", path.join(folder, "other")), false);
    });

    it("should obey SANDBOX_DOWNLOADS without asking, and refuse other words", async () => {
        process.env.SANDBOX_DOWNLOADS = "never";
        assert.equal(await downloadsAreUsed(version, base, cache()), false);
        process.env.SANDBOX_DOWNLOADS = "always";
        assert.equal(await downloadsAreUsed(version, base, cache()), true);
        process.env.SANDBOX_DOWNLOADS = "sometimes";
        await assert.rejects(downloadsAreUsed(version, base, cache()), {
            name: "SandboxError",
            message: 'SANDBOX_DOWNLOADS is "sometimes"; it can be "always", "never" or "auto", the default',
        });
        assert.deepEqual(requests, []);
    });

    it("should download a release once and find its programs", async () => {
        const programs = await officialPulumi(version, quiet, base, cache());
        assert.equal(await run(path.join(programs, "pulumi"), []), "official");
        assert.equal(await officialPulumi(version, quiet, base, cache()), programs);
        assert.equal(requests.length, 2);
        assert.deepEqual(fs.readdirSync(cache()), [`pulumi-official-${version}`]);
    });

    for (const [what, list] of [
        ["has another checksum than the release publishes", `${"1".repeat(64)}  ${archiveName}\n`],
        ["has no published checksum", ""],
    ] as const)
        it(`should delete a download that ${what}`, async () => {
            files.set("pulumi-1.2.3-checksums.txt", Buffer.from(list));
            await assert.rejects(officialPulumi(version, quiet, base, cache()), {
                name: "SandboxError",
                message: new RegExp(`^${archiveName} is not the file whose checksum its release publishes`),
            });
            assert.deepEqual(fs.readdirSync(cache()), []);
        });

    it("should build a program once when two processes ask for it at the same time", async function () {
        // A cold cache has to get Go's own packages first.
        this.timeout(300_000);
        const script = `
            const { buildProgram } = require("./sandbox/toolchain/build");
            const { clusterPrograms } = require("./sandbox/toolchain/programs");
            void buildProgram(clusterPrograms[0], (line) => console.error(line)).then(console.log);`;
        const real = await run("sh", ["-c", "command -v go"]);
        const log = path.join(folder, "go.log");
        fs.writeFileSync(path.join(folder, "go"), `#!/bin/sh\necho "$1" >>${log}\nexec ${real} "$@"\n`, {
            mode: 0o755,
        });
        const environment = {
            XDG_CACHE_HOME: folder,
            GOCACHE: await run("go", ["env", "GOCACHE"]),
            PATH: `${folder}:${process.env.PATH!}`,
        };
        const results = await Promise.all([1, 2].map(() => runScript(script, environment)));
        const target = results[0]!.stdout.trim();
        assert.equal(results[1]!.stdout.trim(), target);
        assert.match(target, /\/pause-[0-9a-f]{16}\/pause$/);
        assert.deepEqual(fs.readdirSync(path.dirname(target)), ["pause"]);
        const builds = fs
            .readFileSync(log, "utf8")
            .split("\n")
            .filter((line) => line === "build");
        assert.equal(builds.length, 1);
    });

    it("should build changed modules from copies of the originals in go.sum, with the changes over them", async () => {
        const made = await makeSources(folder);
        const same = (file: string, original: string) => {
            assert.equal(
                fs.readFileSync(path.join(made, file), "utf8"),
                fs.readFileSync(path.join(moduleFolder, original), "utf8"),
                file,
            );
        };
        const providers = path.join("lego", "providers", "dns", "zz_gen_dns_providers.go");
        same(providers, path.join("traefik", "_changes", providers));
        same("go.mod", "go.mod");
        assert.match(
            fs.readFileSync(path.join(made, "lego", "go.mod"), "utf8"),
            /^module github\.com\/go-acme\/lego\/v5$/m,
        );
        assert.ok(fs.existsSync(path.join(made, "go-http-auth", "digest.go")));
        assert.ok(fs.existsSync(path.join(made, "traefik", "ext", "ext.go")));
        assert.equal(fs.existsSync(path.join(made, "traefik", "_changes")), false);
        const services = fs.readdirSync(path.join(made, "terraform-provider-aws", "internal", "service"), {
            withFileTypes: true,
        });
        assert.deepEqual(
            services.filter((entry) => entry.isDirectory()).map(({ name }) => name),
            ["ecr", "iam", "kms", "s3", "s3control", "secretsmanager"],
        );
    });

    it("should have one go.mod that is tidy, so that nothing in it is left over and nothing is missing", () => {
        assert.equal(tidiedDigest(), sourcesDigest(), 'The sources have changed since "make tidy"; run it again');
    });

    it("should name a program's folder by its sources, its versions and its flags", () => {
        const paths = [...clusterPrograms, toolPrograms.traefik].map(programPath);
        assert.equal(new Set(paths.map((file) => path.basename(path.dirname(file)))).size, paths.length);
        assert.throws(() => mainPackage({ name: "nothing" }), {
            name: "SandboxError",
            message: "nothing of the toolchain has neither a package nor a folder",
        });
        assert.throws(() => pinnedVersion("example.com/unknown"), {
            name: "SandboxError",
            message: `${path.join(moduleFolder, "go.mod")} does not require example.com/unknown`,
        });
    });

    it("should leave out of the Kubernetes provider what needs its Go SDK, and put in what is generated", () => {
        const command = path.join("cmd", "pulumi-resource-kubernetes");
        const construct = path.join("pkg", "provider", "provider_construct.go");
        const wait = path.join("pkg", "await", "await.go");
        const schema = path.join("pkg", "gen", "schema.go");
        const kinds = ["yaml/v2:ConfigFile", "yaml/v2:ConfigGroup", "helm.sh/v4:Chart", "kustomize/v2:Directory"];
        const line = (kind: string) => `\t"kubernetes:${kind}": provideryamlv2.NewFileProvider,\n`;
        const packages = ["helmv4", "kustomizev2", "resource", "yamlv2"];
        const source =
            `import (\n${packages.map((name) => `\tprovider${name} "example.test/${name}"\n`).join("")})\n` +
            `var resourceProviders = map[string]Factory{\n${kinds.map(line).join("")}}\n`;
        const files = {
            [construct]: source,
            [path.join(command, "schema.json")]: "schema",
            [path.join(command, "terraform-mapping.json")]: "mapping",
            [wait]: 'import "sigs.k8s.io/structured-merge-diff/v4/fieldpath"\n',
            [schema]: "Provider: pschema.ResourceSpec{\n",
        };
        for (const [file, content] of Object.entries(files)) {
            fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
            fs.writeFileSync(path.join(folder, file), content);
        }
        const { takes, contents } = selectResources(folder);
        assert.deepEqual(contents, {
            [wait]: 'import "sigs.k8s.io/structured-merge-diff/v6/fieldpath"\n',
            [schema]: "Provider: &pschema.ResourceSpec{\n",
            [construct]:
                'import (\n\tproviderresource "example.test/resource"\n)\nvar resourceProviders = map[string]Factory{\n}\n',
            [path.join(command, "schema-embed.json")]: "schema",
            [path.join(command, "terraform-mapping-embed.json")]: "mapping",
        });
        assert.deepEqual(
            ["main.go", "generate.go", "main_test.go"].map((file) => takes(path.join(command, file))),
            [true, false, false],
        );
        fs.writeFileSync(path.join(folder, construct), source.replace("ConfigGroup", "config-group"));
        assert.throws(() => selectResources(folder), {
            name: "SandboxError",
            message:
                /^pkg.provider.provider_construct\.go of Pulumi's Kubernetes provider registers components in other/,
        });
    });

    const secretVersions = "internal/service/secretsmanager/secret_versions_data_source.go";

    /** Files of a provider with four services, as upstream generates them, with the changes that a test makes. */
    function writeProvider(change: (file: string, content: string) => string = (_file, content) => content): string {
        const module = "github.com/hashicorp/terraform-provider-aws/internal";
        const names = ["alpha", "beta", "gamma", "secretsmanager"] as const;
        const lines = (line: (name: string) => string) => names.map(line).join("");
        const files: Record<string, string> = {
            "internal/embed.go": "//go:embed service/smarterr.hcl\n//go:embed service/*/smarterr.hcl\n",
            "internal/provider/sdkv2/service_packages_gen.go": `import (\n\t"context"\n${lines(
                (name) => `\t"${module}/service/${name}"\n`,
            )})\n\tv := []conns.ServicePackage{\n${lines((name) => `\t\t${name}.ServicePackage(ctx),\n`)}\t}\n`,
            "internal/conns/awsclient_gen.go": `import (\n${lines(
                (name) => `\t"github.com/aws/aws-sdk-go-v2/service/${name}"\n`,
            )}\t"${module}/errs"\n)\n\n${lines(
                (name) =>
                    `func (c *AWSClient) ${name.toUpperCase()}Client(ctx context.Context) *${name}.Client {\n` +
                    `\treturn errs.Must(client[*${name}.Client](ctx, c, names.${name.toUpperCase()}, make(map[string]any)))\n}\n\n`,
            )}`,
            "names/consts_gen.go": `const (\n${lines((name) => `\t${name.toUpperCase()} = "${name}"\n`)})\n`,
            "internal/service/alpha/alpha.go": `import (\n\ttfbeta "${module}/service/beta"\n)\n`,
            "internal/service/alpha/alpha_test.go": `import (\n\t"${module}/service/gamma"\n)\n`,
            "internal/service/beta/beta.go": "package beta\n",
            "internal/service/gamma/gamma.go": "package gamma\n",
            [secretVersions]:
                'type data struct {\n\tLastAccessedDate types.String    `tfsdk:"last_accessed_date"`\n}\n',
        };
        for (const [file, content] of Object.entries(files)) {
            const full = path.join(folder, "provider", file);
            fs.mkdirSync(path.dirname(full), { recursive: true });
            fs.writeFileSync(full, change(file, content));
        }
        return path.join(folder, "provider");
    }

    it("should take from the AWS provider the services that are declared and those they import", () => {
        const { takes, contents } = selectServices(writeProvider(), ["alpha"]);
        const services = contents["internal/provider/sdkv2/service_packages_gen.go"]!;
        const clients = contents["internal/conns/awsclient_gen.go"]!;
        assert.deepEqual(
            Array.from(services.matchAll(/service\/(\w+)"|\t(\w+)\.ServicePackage/g), ([, a, b]) => a ?? b),
            ["alpha", "beta", "alpha", "beta"],
        );
        assert.deepEqual(
            Array.from(clients.matchAll(/"(.*)"|^func .* (\w+)Client\(/gm), ([, a, b]) => a ?? b),
            [
                "github.com/aws/aws-sdk-go-v2/service/alpha",
                "github.com/aws/aws-sdk-go-v2/service/beta",
                "github.com/hashicorp/terraform-provider-aws/internal/errs",
                "ALPHA",
                "BETA",
            ],
        );
        assert.equal(contents["internal/embed.go"], "//go:embed service/smarterr.hcl\n");
        const taken = {
            "": true,
            internal: true,
            "internal/service": true,
            "internal/service/smarterr.hcl": true,
            "internal/service/alpha": true,
            "internal/service/alpha/alpha.go": true,
            "internal/service/alpha/alpha_test.go": false,
            "internal/service/beta/beta.go": true,
            "internal/service/gamma": false,
            "internal/service/gamma/gamma.go": false,
            "internal/generate": false,
            website: false,
        };
        assert.deepEqual(Object.fromEntries(Object.keys(taken).map((file) => [file, takes(file)])), taken);
    });

    it("should read when a secret's version was last used, for which the AWS provider has the wrong type", () => {
        const { contents } = selectServices(writeProvider(), ["secretsmanager"]);
        const read = 'type data struct {\n\tLastAccessedDate timetypes.RFC3339    `tfsdk:"last_accessed_date"`\n}\n';
        assert.equal(contents[secretVersions], read);
    });

    for (const [what, file, from, to, message] of [
        [
            "a service is no longer listed",
            "internal/provider/sdkv2/service_packages_gen.go",
            "\t\tbeta.ServicePackage(ctx),\n",
            "",
            'has no line "beta.ServicePackage(ctx)," any more',
        ],
        [
            "a service is listed in other words",
            "internal/provider/sdkv2/service_packages_gen.go",
            "gamma.ServicePackage(ctx)",
            "gamma.ServicePackage(ctx, nil)",
            "lists services in other words than before",
        ],
        [
            "a needed client's method is gone",
            "internal/conns/awsclient_gen.go",
            /^func .*ALPHA(.*\n){4}/m,
            "",
            'has no method for the client of "alpha" any more',
        ],
        [
            "a method is written in other words",
            "internal/conns/awsclient_gen.go",
            "GAMMAClient(ctx context.Context)",
            "GAMMAClient()",
            "has methods in other words than before",
        ],
        ["a constant is gone", "names/consts_gen.go", "GAMMA", "GIMEL", 'does not define "GAMMA" any more'],
        [
            "a field of a secret's versions has another type",
            secretVersions,
            "types.String",
            "timetypes.RFC3339",
            "has another type for the last access",
        ],
    ] as const)
        it(`should refuse another version of the AWS provider when ${what}`, () => {
            const provider = writeProvider((name, content) => (name === file ? content.replace(from, to) : content));
            assert.throws(() => selectServices(provider, ["alpha", "secretsmanager"]), {
                name: "SandboxError",
                message:
                    `${file} of the Terraform AWS provider ${message}; adapt ` +
                    "sandbox/toolchain/aws-provider/selection.ts to the version that originals/go.mod names",
            });
        });

    it("should refuse types of a service that the AWS provider does not have", () => {
        assert.throws(() => selectServices(writeProvider(), ["alpha", "delta"]), {
            name: "SandboxError",
            message:
                'sandbox/toolchain/aws-provider/types.go or main.go names a type of "delta", which is no service in ' +
                "internal/service of the Terraform AWS provider",
        });
    });

    it("should name all that a machine lacks at once, each with its remedy", async () => {
        const script = `
            const { checkPrerequisites } = require("./sandbox/commands/prerequisites");
            checkPrerequisites(console.log).catch((error) => console.log(error.message));`;
        const { stdout } = await runScript(script, {
            PATH: path.dirname(process.execPath) + "-none",
            XDG_CACHE_HOME: folder,
        });
        const lines = stdout.trim().split("\n");
        assert.ok(lines.includes("Go is not installed; install it from https://go.dev/dl/"), stdout);
        assert.ok(lines.includes("Python is not installed; install the Debian package python3"), stdout);
        assert.match(stdout, /^These programs' packages are missing; install .*openssl, util-linux/m);
    });
});
