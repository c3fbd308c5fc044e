import * as assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tls from "node:tls";
import { pushImages, type BuiltImage } from "../../../../sandbox/application/images";
import { writeOciLayout } from "../../../../sandbox/application/oci";
import { run } from "../../../../sandbox/machine/command";
import type { Instance } from "../../../../sandbox/machine/instance";
import { logFile } from "../../../../sandbox/machine/process";
import { sandboxRegistry } from "../../../../sandbox/parts/cloud/account";
import { aws, cloud } from "../../../../sandbox/parts/cloud/moto";
import { pkiFile } from "../../../../sandbox/parts/cluster/pki";
import { crane, craneVariables, reference, signIn } from "../../../../sandbox/parts/registry/client";
import { registry, throttle } from "../../../../sandbox/parts/registry/part";
import { programFile } from "../../../../sandbox/toolchain/toolchain";
import { temporaryInstance } from "../../support/instance";
import { request } from "./request";

const quiet = () => undefined;

// The first run on a machine installs the Python packages.
describe("The image registry", function () {
    this.timeout(300_000);
    let instance: Instance;
    const start = () => Promise.all([cloud, registry].map((part) => part.up(instance, quiet)));
    before(async () => {
        instance = await temporaryInstance();
        await start();
        await signIn(instance);
    });
    after(async () => {
        for (const part of [registry, cloud]) await part.down(instance);
        fs.rmSync(instance.root, { recursive: true });
    });

    const ecr = async (...args: string[]) => {
        const output = await aws(instance, ["ecr", ...args]);
        return (output === "" ? {} : JSON.parse(output)) as Record<string, unknown>;
    };
    const create = (name: string, mutability: "MUTABLE" | "IMMUTABLE") =>
        ecr("create-repository", "--repository-name", name, "--image-tag-mutability", mutability);
    const listed = async (name: string) => (await ecr("list-images", "--repository-name", name)).imageIds;

    /** Writes an image with a file of the given content. */
    async function build(repository: string, content: string, tag = "v1.0.0"): Promise<BuiltImage> {
        const folder = path.join(instance.root, "images", createHash("sha256").update(content).digest("hex"));
        const description = {
            reference: reference(repository, tag),
            files: [{ path: "/program", content }],
            entrypoint: ["/program"],
            user: "65532:65532",
        };
        return { ...(await writeOciLayout(description, folder)), repository, tag, folder };
    }
    const push = ({ folder, repository }: BuiltImage, tag: string) =>
        crane(instance, ["push", folder, reference(repository, tag)]);
    const log = () => fs.readFileSync(logFile(instance, "registry"), "utf8");

    it("should refuse strangers and wrong passwords, for reading and for writing, as ECR does", async () => {
        const image = await build("relaypacs/backend", "strange");
        const folder = path.join(instance.root, "stranger");
        fs.mkdirSync(folder);
        const asStranger = (...args: string[]) =>
            run(programFile("crane"), args, {
                environment: { ...cloud.environment(instance), ...craneVariables(instance), DOCKER_CONFIG: folder },
            });
        const name = reference(image.repository, "v0.0.1");
        for (const credentials of [undefined, "AWS:wrong", "root:123456789012-auth-token"]) {
            const auth = credentials && Buffer.from(credentials).toString("base64");
            const auths = auth === undefined ? {} : { [name.split("/")[0]!]: { auth } };
            fs.writeFileSync(path.join(folder, "config.json"), JSON.stringify({ auths }));
            await assert.rejects(asStranger("push", image.folder, name), /401 Unauthorized|UNAUTHORIZED/);
            await assert.rejects(asStranger("ls", name.split(":")[0]!), /401 Unauthorized|UNAUTHORIZED/);
        }
        const { status, headers } = await request(instance, "/v2/", { anonymous: true });
        assert.equal(status, 401);
        assert.match(headers["www-authenticate"]!, /^Basic realm="https:.*",service="ecr\.amazonaws\.com"$/);
    });

    it("should speak HTTP/1.1 alone, so that no upload waits for another one of its connection", async () => {
        const socket = tls.connect({
            host: instance.hostAddress,
            port: instance.ports.registry,
            servername: sandboxRegistry(),
            ca: fs.readFileSync(pkiFile(instance, "ca.crt")),
            ALPNProtocols: ["h2", "http/1.1"],
        });
        await once(socket, "secureConnect");
        assert.equal(socket.alpnProtocol, "http/1.1");
        socket.destroy();
    });

    it("should keep images for the repositories of the first update, register them then, and take no others", async () => {
        const image = await build("relaypacs/frontend", "early");
        await push(image, "v1.0.0");
        await push(image, "running-staging-1.0.0");
        assert.equal(await crane(instance, ["digest", reference(image.repository, "v1.0.0")]), image.digest);
        assert.deepEqual((await crane(instance, ["ls", reference(image.repository, "").slice(0, -1)])).split("\n"), [
            "running-staging-1.0.0",
            "v1.0.0",
        ]);
        await assert.rejects(listed(image.repository), /RepositoryNotFoundException/);
        await create(image.repository, "IMMUTABLE");
        await crane(instance, ["manifest", reference(image.repository, image.digest)]);
        assert.deepEqual(
            await listed(image.repository),
            ["v1.0.0", "running-staging-1.0.0"].map((imageTag) => ({ imageDigest: image.digest, imageTag })),
        );
        await assert.rejects(push(await build("relaypacs/other", "other"), "v1.0.0"), /NAME_UNKNOWN.*relaypacs\/other/);
    });

    it("should give an image one digest: in its layout, for a client, in the protocol and in ECR's answers", async () => {
        const image = await build("relaypacs/backend", "one digest");
        await create(image.repository, "IMMUTABLE");
        assert.equal(await push(image, "v1.0.0"), reference(image.repository, image.digest));
        const pulled = await request(instance, `/v2/${image.repository}/manifests/v1.0.0`);
        assert.equal(`sha256:${createHash("sha256").update(pulled.body).digest("hex")}`, image.digest);
        assert.equal(pulled.headers["docker-content-digest"], image.digest);
        assert.equal(pulled.headers["content-type"], "application/vnd.oci.image.manifest.v1+json");
        const { imageDetails } = await ecr("describe-images", "--repository-name", image.repository);
        const [{ imageDigest, imageTags }] = imageDetails as [{ imageDigest: string; imageTags: string[] }];
        assert.deepEqual([imageDigest, imageTags], [image.digest, ["v1.0.0"]]);
        const archive = path.join(instance.root, "pulled.tar");
        await crane(instance, ["export", reference(image.repository, image.digest), archive]);
        assert.equal(await run("tar", ["-xOf", archive, "program"]), "one digest");
    });

    it("should not move an immutable tag, in ECR's words, and move a mutable one", async () => {
        const [first, second] = [
            await build("relaypacs/backend", "one digest"),
            await build("relaypacs/backend", "moved"),
        ];
        await assert.rejects(
            push(second, "v1.0.0"),
            /TAG_INVALID: The image tag 'v1\.0\.0' already exists in the 'relaypacs\/backend' repository and cannot be overwritten because the repository is immutable\./,
        );
        assert.equal(await crane(instance, ["digest", reference(first.repository, "v1.0.0")]), first.digest);
        await assert.rejects(pushImages(instance, { backend: second }), {
            name: "SandboxError",
            message:
                `relaypacs/backend:v1.0.0 is ${first.digest} in the registry, whose tags cannot be moved, and ` +
                `${second.digest} was built: give the new images another version`,
        });
        await create("relaypacs/scratch", "MUTABLE");
        const name = reference("relaypacs/scratch", "latest");
        await crane(instance, ["push", first.folder, name]);
        await crane(instance, ["push", second.folder, name]);
        assert.equal(await crane(instance, ["digest", name]), second.digest);
    });

    it("should not have what was not pushed or was deleted, nor take what is incomplete or named wrongly", async () => {
        const image = await build("relaypacs/backend", "deleted");
        const unknown = `sha256:${"0".repeat(64)}`;
        const missing = (name: string) => crane(instance, ["manifest", reference(image.repository, name)]);
        for (const name of ["v9.9.9", unknown]) await assert.rejects(missing(name), /MANIFEST_UNKNOWN/);
        await push(image, "v3.0.0");
        await missing(image.digest);
        const deleted = ["--repository-name", image.repository, "--image-ids", `imageDigest=${image.digest}`];
        await ecr("batch-delete-image", ...deleted);
        await assert.rejects(missing(image.digest), /MANIFEST_UNKNOWN/);

        const part = { mediaType: "any", digest: unknown, size: 1 };
        const mediaType = "application/vnd.oci.image.manifest.v1+json";
        const body = JSON.stringify({ schemaVersion: 2, mediaType, config: part, layers: [] });
        const put = (name: string) =>
            request(instance, `/v2/${image.repository}/manifests/${name}`, { method: "PUT", mediaType, body });
        const incomplete = await put("v4.0.0");
        assert.equal(incomplete.status, 400);
        assert.match(incomplete.body, /MANIFEST_BLOB_UNKNOWN.*the blob sha256:0+ has not been pushed/);
        assert.match((await put(unknown)).body, /DIGEST_INVALID/);
        assert.equal(
            (await request(instance, `/v2/${image.repository}/manifests/v1.0.0`, { method: "DELETE" })).status,
            405,
        );
    });

    it("should be as slow as it is told", async () => {
        const image = await build("relaypacs/backend", "x".repeat(200_000));
        await push(image, "v5.0.0");
        const download = async () => {
            const begin = performance.now();
            await crane(instance, ["export", reference(image.repository, "v5.0.0"), "-"]);
            return (performance.now() - begin) / 1000;
        };
        const fast = await download();
        throttle(instance, 50_000);
        const slow = await download();
        assert.ok(slow > 3.5 && slow > fast, `${slow} s, without a limit ${fast} s`);
        throttle(instance, 0);
        await assert.rejects(
            download(),
            /bytes-per-second has "0\\n"; it must be a whole number of bytes a second, at least 1/,
        );
        throttle(instance);
        assert.ok((await download()) < slow);
    });

    it("should keep layers when it ends, so that only manifests are pushed again", async () => {
        const image = await build("relaypacs/backend", "kept", "v6.0.0");
        await pushImages(instance, { backend: image });
        for (const part of [registry, cloud]) await part.down(instance);
        assert.equal((await registry.state(instance)).running, false);
        await start();
        assert.equal((await registry.state(instance)).running, true);
        const before = log().length;
        await pushImages(instance, { backend: image });
        const requests = log().slice(before);
        assert.match(requests, /PUT \/v2\/relaypacs\/backend\/manifests\/v6\.0\.0 201/);
        assert.doesNotMatch(requests, /(PATCH|PUT) \S+\/blobs\/uploads/);
        await create(image.repository, "IMMUTABLE");
        await pushImages(instance, { backend: image });
        assert.equal(((await listed(image.repository)) as object[]).length, 2);
    });

    it("should refuse everything while ECR does not answer", async () => {
        await cloud.down(instance);
        // What it knows of the token, it forgets at its restart.
        await registry.down(instance);
        await registry.up(instance, quiet);
        const { status, body } = await request(instance, "/v2/relaypacs/backend/manifests/v6.0.0");
        assert.equal(status, 503, body);
    });
});
