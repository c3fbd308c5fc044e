import * as http from "node:http";
import * as https from "node:https";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import { causeOf } from "./wording";

/** Seconds after which the server ends a watch. Each is followed by a new list, so nothing stays unseen for longer. */
const watchSeconds = 30;
const answerSeconds = 10;

interface Listed {
    readonly metadata: { readonly name?: string; readonly uid?: string; readonly resourceVersion?: string };
}

interface Failure {
    /** Milliseconds since 1970. */
    readonly since: number;
    readonly problem: string;
    /** The server answered, and refused. */
    readonly refused: boolean;
}

class AnswerError extends Error {
    constructor(
        readonly status: number,
        message: string,
    ) {
        super(message);
    }
}

/**
 * Keeps the objects of one kind in one namespace, by list and watch. Written on plain requests with the kubeconfig's
 * credentials: the client's own watch has no time limit, so a cluster that has become unreachable without a word would
 * never be noticed.
 */
export class KindWatch<T extends Listed> {
    /** The objects; undefined until they were listed once. */
    items: readonly T[] | undefined;
    /** Why they can't be read at present. */
    failure: Failure | undefined;

    constructor(
        private readonly config: KubeConfig,
        private readonly path: string,
        private readonly query: Readonly<Record<string, string>>,
        private readonly change: () => void,
    ) {}

    /** Lists and watches until the signal; never throws. */
    async run(signal: AbortSignal): Promise<void> {
        for (let pause = 500; !signal.aborted;) {
            try {
                const resourceVersion = await this.list(signal);
                pause = 500;
                await this.watch(resourceVersion, signal);
            } catch (error) {
                if (signal.aborted) return;
                this.fail(error);
                await sleep(pause, undefined, { signal }).catch(() => undefined);
                pause = Math.min(pause * 2, 5000);
            }
        }
    }

    private fail(error: unknown): void {
        const problem = describe(error);
        const refused = error instanceof AnswerError && [403, 404].includes(error.status);
        this.failure = { since: this.failure?.since ?? Date.now(), problem, refused };
        this.change();
    }

    private async list(signal: AbortSignal): Promise<string> {
        const response = await this.get({}, answerSeconds, signal);
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        const list = JSON.parse(Buffer.concat(chunks).toString()) as {
            metadata: { resourceVersion: string };
            items: T[];
        };
        this.items = list.items;
        this.failure = undefined;
        this.change();
        return list.metadata.resourceVersion;
    }

    /** Follows changes until the server ends the watch or says that it can't go on from where the list was. */
    private async watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
        const query = { watch: "true", resourceVersion, timeoutSeconds: String(watchSeconds) };
        const response = await this.get(query, watchSeconds + answerSeconds, signal);
        for await (const line of createInterface({ input: response })) {
            const { type, object } = JSON.parse(line) as { type: string; object: T };
            if (type === "ERROR") return;
            if (type === "BOOKMARK") continue;
            const others = (this.items ?? []).filter(({ metadata }) => metadata.name !== object.metadata.name);
            this.items = type === "DELETED" ? others : [...others, object];
            this.change();
        }
    }

    private async get(
        more: Readonly<Record<string, string>>,
        idleSeconds: number,
        signal: AbortSignal,
    ): Promise<http.IncomingMessage> {
        const url = new URL((this.config.getCurrentCluster()?.server ?? "").replace(/\/$/, "") + this.path);
        for (const [key, value] of Object.entries({ ...this.query, ...more })) url.searchParams.set(key, value);
        const credentials: https.RequestOptions = {};
        await this.config.applyToHTTPSOptions(credentials);
        return new Promise((resolve, reject) => {
            const options = { ...credentials, signal, timeout: idleSeconds * 1000 };
            const request = (url.protocol === "http:" ? http : https).get(url, options, (response) => {
                if (response.statusCode === 200) {
                    resolve(response);
                    return;
                }
                response.resume();
                reject(
                    new AnswerError(
                        response.statusCode ?? 0,
                        `GET ${this.path} was answered with ${String(response.statusCode)}`,
                    ),
                );
            });
            request.once("error", reject);
            request.once("timeout", () => {
                request.destroy(new Error(`no answer within ${String(idleSeconds)} s`));
            });
        });
    }
}

function describe(error: unknown): string {
    if (error instanceof AnswerError && error.status === 403) {
        return `${error.message}: the role needs get, list and watch on rollouts, analysisruns, replicasets and pods`;
    }
    if (error instanceof AnswerError && error.status === 404)
        return `${error.message}: Argo Rollouts may not be installed`;
    return causeOf(error);
}
