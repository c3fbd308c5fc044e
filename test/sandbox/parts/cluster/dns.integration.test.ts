import * as assert from "node:assert/strict";
import { Resolver } from "node:dns/promises";
import * as fs from "node:fs";
import * as path from "node:path";
import { createCertificates, pkiFile } from "../../../../sandbox/parts/cluster/certificates";
import { pauseImage } from "../../../../sandbox/parts/cluster/containerd";
import { dnsAddress } from "../../../../sandbox/parts/cluster/dns";
import { cluster } from "../../../../sandbox/parts/cluster/part";
import { run } from "../../../../sandbox/machine/command";
import { instanceNamed } from "../../../../sandbox/machine/instance";
import { waitUntil } from "../../../../sandbox/machine/process";
import { installClusterPrograms, programFile } from "../../../../sandbox/toolchain/toolchain";

const quiet = () => undefined;

describe("The cluster's DNS", function () {
    this.timeout(180_000);

    const instance = instanceNamed("test");
    const resolver = new Resolver({ timeout: 2000, tries: 2 });
    const kubectl = (...args: string[]) => run(programFile("kubectl"), ["--kubeconfig", instance.kubeconfig, ...args]);

    before(async () => {
        await installClusterPrograms(instance, quiet);
        await cluster.down(instance);
        fs.rmSync(instance.root, { recursive: true, force: true });
        await cluster.up(instance, quiet);
        resolver.setServers([dnsAddress(instance)]);
    });

    after(() => cluster.down(instance));

    it("should answer at the service range's tenth address, by the names that Kubernetes promises", async () => {
        assert.equal(dnsAddress(instance), "10.97.0.10");
        assert.deepEqual(await resolver.resolve4("kubernetes.default.svc.cluster.local"), ["10.97.0.1"]);
        assert.deepEqual(await resolver.resolve4("kube-dns.kube-system.svc.cluster.local"), ["10.97.0.10"]);
        assert.deepEqual(await resolver.reverse("10.97.0.10"), ["kube-dns.kube-system.svc.cluster.local"]);
    });

    it("should know a new service at once, and that no other names exist", async () => {
        await assert.rejects(resolver.resolve4("web.default.svc.cluster.local"), { code: "ENOTFOUND" });
        await kubectl("create", "service", "clusterip", "web", "--tcp=80");
        const address = await kubectl("get", "service", "web", "--output=jsonpath={.spec.clusterIP}");
        const known = async () =>
            (await resolver.resolve4("web.default.svc.cluster.local").catch((): string[] => [])).includes(address);
        await waitUntil(known, "the new service's name", 10);
        await assert.rejects(resolver.resolve4("relaypacs.com"), { code: "ENOTFOUND" });
    });

    it("should be the one that pods ask", async () => {
        await kubectl("run", "asker", `--image=${pauseImage}`, "--image-pull-policy=Never", "--restart=Never");
        await kubectl("wait", "--for=condition=Ready", "pod/asker", "--timeout=60s");
        const sandboxes = path.join(instance.root, "containerd", "root", "io.containerd.grpc.v1.cri", "sandboxes");
        const all = fs
            .readdirSync(sandboxes)
            .map((id) => fs.readFileSync(path.join(sandboxes, id, "resolv.conf"), "utf8"));
        // The DNS server's own pod asks nobody.
        assert.equal(all.length, 2);
        const settings = all.find((one) => /^nameserver 10\.97\.0\.10$/m.test(one)) ?? "";
        assert.match(settings, /^search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local/m);
    });

    it("should get a certificate in a sandbox that was created without one, and change no other", async () => {
        const names = ["admin.crt", "kube-proxy.crt", "kube-proxy.kubeconfig"];
        const read = () => names.map((name) => fs.readFileSync(pkiFile(instance, name), "utf8"));
        const [admin, ...old] = read();
        for (const name of ["kube-proxy.crt", "kube-proxy.key", "kube-proxy.kubeconfig"])
            fs.rmSync(pkiFile(instance, name));
        await createCertificates(instance);
        const [same, ...fresh] = read();
        assert.equal(same, admin);
        for (const [at, text] of fresh.entries()) assert.notEqual(text, old[at]);
    });
});
