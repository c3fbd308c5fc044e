import { equal, getIn, unknown, type Bag, type Path } from "./values";

/** Places whose change makes the plugin replace an object: the API refuses it, or the object would not follow it. */
const selector = ["spec.selector"];
const job = ["spec.completions", "spec.parallelism", "spec.selector", "spec.template"];
const statefulSet = [
    "spec.podManagementPolicy",
    "spec.revisionHistoryLimit",
    "spec.selector",
    "spec.serviceName",
    "spec.volumeClaimTemplates",
];
const container = [
    "args command env image imagePullPolicy lifecycle livenessProbe ports readinessProbe resources securityContext stdin",
    "stdinOnce terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir",
].flatMap((line) => line.split(" "));
const pod = [
    "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostAliases hostIPC hostNetwork hostPID",
    "hostname imagePullSecrets nodeName nodeSelector overhead preemptionPolicy priority priorityClassName readinessGates",
    "restartPolicy runtimeClassName schedulerName securityContext serviceAccount serviceAccountName shareProcessNamespace",
    "subdomain terminationGracePeriodSeconds volumes",
].flatMap((line) => line.split(" "));
const volumeSources = [
    "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk glusterfs hostPath",
    "iscsi local nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
].flatMap((line) => line.split(" "));

/** By `group/kind`; the group of the core API is empty. The same table as the official plugin's. */
const replacing: Readonly<Record<string, readonly string[]>> = {
    "apps/DaemonSet": selector,
    "apps/Deployment": selector,
    "apps/StatefulSet": statefulSet,
    "batch/Job": job,
    "/ConfigMap": ["binaryData", "data"],
    "/PersistentVolume": volumeSources.map((source) => `spec.${source}`),
    "/PersistentVolumeClaim": ["spec"],
    "/Pod": [
        ...pod.map((field) => `spec.${field}`),
        ...container.map((field) => `spec.containers.*.${field}`),
        ...container.map((field) => `spec.initContainers.*.${field}`),
    ],
    "/ResourceQuota": ["spec.scopes"],
    "/Secret": ["type", "stringData", "data"],
    "/Service": ["spec.clusterIP"],
    "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
    "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
    "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
};

/** Whether Secrets and ConfigMaps that are not `immutable` may change in place (Provider's `enable…Mutable`). */
export interface Mutability {
    readonly secrets: boolean;
    readonly configMaps: boolean;
}

/** Patterns of the places whose change replaces `object`; `*` stands for any entry of a list. */
export function replacingPlaces(object: Bag, mutable: Mutability): readonly (readonly string[])[] {
    const apiVersion = String(object.apiVersion);
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    const key = `${group}/${String(object.kind)}`;
    const inPlace =
        object.immutable !== true &&
        ((key === "/Secret" && mutable.secrets) || (key === "/ConfigMap" && mutable.configMaps));
    const places = (replacing[key] ?? []).filter((place) => !inPlace || place === "type");
    return ["kind", "metadata.name", "metadata.namespace", ...places].map((place) => place.split("."));
}

/**
 * Whether a change at `path` touches `pattern`: lies in it, or is around it and changes it. A value around it that is
 * not known yet is no reason to replace: it usually turns out to be the same there.
 */
export function touches(path: Path, pattern: readonly string[], before: Bag, after: Bag): boolean {
    const common = Math.min(path.length, pattern.length);
    for (let index = 0; index < common; index++) {
        if (pattern[index] !== "*" && pattern[index] !== path[index]) return false;
    }
    if (path.length >= pattern.length) return true;
    if (getIn(after, path) === unknown) return false;
    const around = [...path, ...pattern.slice(path.length)];
    return !equal(getIn(before, around), getIn(after, around));
}
