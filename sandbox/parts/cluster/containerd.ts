import * as fs from "node:fs";
import * as path from "node:path";
import { writeOciLayout, type ImageFile } from "../../application/oci";
import { run } from "../../machine/command";
import type { Instance } from "../../machine/instance";
import { sandboxRegistry } from "../cloud/account";
import { initPid, inside, startInside } from "./namespaces";
import { pkiFile } from "./pki";

/** containerd's socket as the cluster's processes see it: a short path, independent of the sandbox's. */
export const containerdSocket = "/run/containerd/containerd.sock";

/** Debian's package containernetworking-plugins puts them there; most others use the second folder. */
export const networkPluginFolders = ["/usr/lib/cni", "/opt/cni/bin"] as const;

/** Reference of the image that holds a pod's namespaces. */
export const pauseImage = "localhost/pause:1";

const configurationFolder = (instance: Instance) => path.join(instance.root, "containerd");

/**
 * The registry under its real name, which the node's /etc/hosts resolves, but on a port of the sandbox, with a certificate
 * of the sandbox's authority.
 */
function writeRegistryHost(instance: Instance, folder: string): void {
    const host = sandboxRegistry();
    fs.mkdirSync(path.join(folder, host), { recursive: true });
    const server = JSON.stringify(`https://${host}:${instance.ports.registry}`);
    const settings = [`ca = ${JSON.stringify(pkiFile(instance, "ca.crt"))}`, 'capabilities = ["pull", "resolve"]'];
    // containerd 1.6 ignores a file without a host. It asks the server as well when the host does not have an image.
    const lines = [`server = ${server}`, ...settings, `[host.${server}]`, ...settings];
    fs.writeFileSync(path.join(folder, host, "hosts.toml"), `${lines.join("\n")}\n`);
}

function writeConfiguration(instance: Instance): string {
    const folder = configurationFolder(instance);
    const registries = path.join(folder, "registries");
    writeRegistryHost(instance, registries);
    const plugins = networkPluginFolders.find((it) => fs.existsSync(path.join(it, "ptp"))) ?? networkPluginFolders[0];
    // Point to point: all of a pod's traffic is routed, so that service addresses work between pods without the
    // kernel's bridge filter. Addresses are kept in memory: after a restart none is in use.
    const network = {
        cniVersion: "0.4.0",
        name: "sandbox",
        plugins: [
            {
                type: "ptp",
                ipMasq: false,
                ipam: {
                    type: "host-local",
                    dataDir: "/run/cni",
                    ranges: [[{ subnet: instance.podRange }]],
                    routes: [{ dst: "0.0.0.0/0" }],
                },
            },
        ],
    };
    fs.mkdirSync(path.join(folder, "cni"), { recursive: true });
    fs.writeFileSync(path.join(folder, "cni", "10-sandbox.conflist"), JSON.stringify(network, undefined, 2));
    const file = path.join(folder, "config.toml");
    const cri = 'plugins."io.containerd.grpc.v1.cri"';
    const quoted = JSON.stringify;
    fs.writeFileSync(
        file,
        `version = 2
root = ${quoted(path.join(folder, "root"))}
state = "/run/containerd"
disabled_plugins = [${[
            "opt.internal",
            "btrfs.snapshotter",
            "zfs.snapshotter",
            "aufs.snapshotter",
            "devmapper.snapshotter",
        ]
            .map((it) => it.split("."))
            .map(([name, kind]) => quoted(`io.containerd.${kind}.v1.${name}`))
            .join(", ")}]
[grpc]
  address = ${quoted(containerdSocket)}
[${cri}]
  sandbox_image = ${quoted(pauseImage)}
  # A machine that is itself a container or a small virtual machine may forbid lower scores.
  restrict_oom_score_adj = true
  disable_tcp_service = true
  stream_server_address = "127.0.0.1"
  [${cri}.cni]
    bin_dir = ${quoted(plugins)}
    conf_dir = ${quoted(path.join(folder, "cni"))}
  [${cri}.registry]
    config_path = ${quoted(registries)}
  [${cri}.containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [${cri}.containerd.runtimes.runc.options]
      SystemdCgroup = false
`,
    );
    return file;
}

/** Runs `ctr` on the cluster's containerd, in the Kubernetes namespace. Files it reads must be below `instance.root`. */
export async function ctr(instance: Instance, args: readonly string[]): Promise<string> {
    return run(...inside(instance, "ctr", ["--address", containerdSocket, "--namespace", "k8s.io", ...args]));
}

/** Loads an OCI archive into the node. For what a node has before there is a registry; all others are pulled. */
export const importImage = (instance: Instance, archive: string) => ctr(instance, ["images", "import", archive]);

/** References of all images that the node has. */
export const imageReferences = async (instance: Instance) =>
    (await ctr(instance, ["images", "list", "--quiet"])).split("\n").filter((line) => line !== "");

/**
 * Loads an image of one program into the node, unless it is there. The cluster's own pods need it before there is a
 * registry.
 */
export async function provideImage(instance: Instance, reference: string, program: ImageFile): Promise<void> {
    if ((await imageReferences(instance)).includes(reference)) return;
    const folder = path.join(instance.root, "temporary", path.basename(program.path));
    const archive = `${folder}.tar`;
    await writeOciLayout({ reference, files: [program], entrypoint: [program.path], user: "65532:65532" }, folder);
    await run("tar", ["-cf", archive, "-C", folder, "oci-layout", "index.json", "blobs"]);
    await importImage(instance, archive);
    for (const left of [folder, archive]) fs.rmSync(left, { recursive: true });
}

export async function startContainerd(instance: Instance): Promise<void> {
    const file = writeConfiguration(instance);
    const temporary = path.join(instance.root, "temporary");
    fs.mkdirSync(temporary, { recursive: true });
    const pid = initPid(instance);
    await startInside(instance, "containerd", "containerd", ["--config", file], {
        environment: { TMPDIR: temporary },
        ready: async () =>
            fs.existsSync(`/proc/${String(pid)}/root${containerdSocket}`) &&
            (await ctr(instance, ["version"])).includes("Server:"),
    });
}
