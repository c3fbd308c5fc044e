import {
    ApiException,
    BatchV1Api,
    CoreV1Api,
    type KubeConfig,
    type V1Job,
    type V1PodSpec,
} from "@kubernetes/client-node";
import { listWorkloads } from "../../delivery/rollouts/list";
import { refusalOf } from "../../delivery/rollouts/wording";

/** What of a namespace a downgrade reads and makes. Every failure is an Error of one sentence. */
export interface DowngradeCluster {
    readonly namespace: string;
    /** Jobs with a label `app.kubernetes.io/component`, oldest first. */
    jobs(component: string): Promise<readonly V1Job[]>;
    /** The pods that a service is asked to run; undefined where there is no such service. */
    serving(service: string): Promise<V1PodSpec | undefined>;
    /** A Job as a CronJob would start it now; undefined where there is no such CronJob. */
    jobOf(cronJob: string, name: string): Promise<V1Job | undefined>;
    job(name: string): Promise<V1Job | undefined>;
    create(job: V1Job): Promise<void>;
    /** Deletes a Job and its pods. */
    remove(name: string): Promise<void>;
    /** What a container of a Job's newest pod has printed; empty where it never ran. */
    log(job: string, container: string): Promise<string>;
}

const at = ({ metadata }: { readonly metadata?: { readonly creationTimestamp?: Date } }) =>
    new Date(metadata?.creationTimestamp ?? 0).getTime();

const missing = (error: unknown): undefined => {
    if (error instanceof ApiException && error.code === 404) return undefined;
    throw error;
};

/** A namespace of a real cluster. */
export function realCluster(config: KubeConfig, namespace: string): DowngradeCluster {
    const [batch, core] = [config.makeApiClient(BatchV1Api), config.makeApiClient(CoreV1Api)];
    const asked = async <T>(action: () => Promise<T>): Promise<T> => {
        try {
            return await action();
        } catch (error) {
            throw new Error(`The cluster refuses ${namespace}: ${refusalOf(error)}.`, { cause: error });
        }
    };
    return {
        namespace,
        jobs: (component) =>
            asked(async () => {
                const labelSelector = `app.kubernetes.io/component=${component}`;
                const { items } = await batch.listNamespacedJob({ namespace, labelSelector });
                return items.sort((one, other) => at(one) - at(other));
            }),
        serving: (service) =>
            asked(async () => {
                const found = (await listWorkloads(config, namespace)).find(
                    ({ metadata }) => metadata.name === service,
                );
                return found?.spec.template?.spec as V1PodSpec | undefined;
            }),
        jobOf: (cronJob, name) =>
            asked(async () => {
                const found = await batch.readNamespacedCronJob({ name: cronJob, namespace }).catch(missing);
                const template = found?.spec?.jobTemplate;
                if (template?.spec === undefined) return undefined;
                return { metadata: { ...template.metadata, name, namespace }, spec: template.spec };
            }),
        job: (name) => asked(async () => batch.readNamespacedJob({ name, namespace }).catch(missing)),
        create: (body) => asked(async () => void (await batch.createNamespacedJob({ namespace, body }))),
        remove: (name) =>
            asked(
                async () =>
                    void (await batch
                        .deleteNamespacedJob({ name, namespace, propagationPolicy: "Foreground" })
                        .catch(missing)),
            ),
        log: (job, container) =>
            asked(async () => {
                const labelSelector = `batch.kubernetes.io/job-name=${job}`;
                const { items } = await core.listNamespacedPod({ namespace, labelSelector });
                const name = items.sort((one, other) => at(one) - at(other)).at(-1)?.metadata?.name;
                if (name === undefined) return "";
                try {
                    return await core.readNamespacedPodLog({ name, namespace, container });
                } catch (error) {
                    // A container that has not begun has no log.
                    if (error instanceof ApiException && error.code === 400) return "";
                    return missing(error) ?? "";
                }
            }),
    };
}
