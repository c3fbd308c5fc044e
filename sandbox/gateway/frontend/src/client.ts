import { chunkSizes } from "./progress.js";

/** An upload as the backend describes it. */
export interface Upload {
    readonly id: string;
    readonly chunks: number;
    readonly received: number;
    readonly size: number;
    readonly complete: boolean;
}

type Fetch = (path: string, init?: RequestInit) => Promise<Pick<Response, "ok" | "json">>;

const chunkSize = 65_536;

/** Talks to the backend for one user. */
export class Client {
    private token = "";

    constructor(private readonly send: Fetch) {}

    private async ask<T>(method: string, path: string, body?: BodyInit): Promise<T> {
        const answer = await this.send(`/api/v1/${path}`, {
            method,
            headers: { authorization: `Bearer ${this.token}` },
            ...(body !== undefined && { body }),
        });
        const content: unknown = await answer.json();
        if (!answer.ok) throw new Error((content as { readonly detail: string }).detail);
        return content as T;
    }

    async version(): Promise<string> {
        return (await this.ask<{ readonly version: string }>("GET", "version")).version;
    }

    /** @throws Error with the backend's sentence when it refuses */
    async signIn(username: string, password: string): Promise<void> {
        const body = JSON.stringify({ username, password });
        this.token = (
            await this.ask<{ readonly access_token: string }>("POST", "auth/login", body)
        ).access_token;
    }

    uploads(): Promise<readonly Upload[]> {
        return this.ask("GET", "uploads");
    }

    /** Sends so many bytes in chunks, and completes the upload. */
    async upload(size: number): Promise<Upload> {
        const begun = await this.ask<Upload>(
            "POST",
            "uploads",
            JSON.stringify({ size, chunk_size: chunkSize }),
        );
        for (const [number, bytes] of chunkSizes(size, chunkSize).entries())
            await this.ask("PUT", `uploads/${begun.id}/chunks/${number}`, new Uint8Array(bytes));
        return this.ask("POST", `uploads/${begun.id}/complete`);
    }
}
