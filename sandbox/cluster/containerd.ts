import * as fs from "node:fs";
import * as path from "node:path";
import { run } from "../command";
import type { Instance } from "../instance";
import { initPid, inside, startInside } from "./namespaces";

/** containerd's socket as the cluster's processes see it: short, whatever the length of the sandbox's path. */
export const containerdSocket = "/run/containerd/containerd.sock";

/** Debian's package containernetworking-plugins puts them there; most others use the second folder. */
export const networkPluginFolders = ["/usr/lib/cni", "/opt/cni/bin"] as const;

/** Reference of the image that holds a pod's namespaces. */
export const pauseImage = "localhost/pause:1";

const configurationFolder = (instance: Instance) => path.join(instance.root, "containerd");

function writeConfiguration(instance: Instance): string {
    const folder = configurationFolder(instance);
    const plugins = networkPluginFolders.find((it) => fs.existsSync(path.join(it, "ptp"))) ?? networkPluginFolders[0];
    // Point to point: all of a pod's traffic is routed, so that service addresses work between pods without the
    // kernel's bridge filter. Addresses are kept in memory: after a restart no pod has one.
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

/** Loads an OCI archive into the node; pods then run its image with `imagePullPolicy: IfNotPresent` or `Never`. */
export const importImage = (instance: Instance, archive: string) => ctr(instance, ["images", "import", archive]);

/** References of all images that the node has. */
export const imageReferences = async (instance: Instance) =>
    (await ctr(instance, ["images", "list", "--quiet"])).split("\n").filter((line) => line !== "");

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
