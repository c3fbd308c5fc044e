import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { S3 } from "@aws-sdk/client-s3";
import { awsClientOptions } from "../../../delivery/core/aws-client";
import { manifest, type Manifest } from "./manifest";

/** `20260114T180000Z`: a time in UTC, to the second, as a backup's folder in the bucket has it. */
export const stampOf = (time: string): string => time.replace(/[-:]|\.\d+/g, "");

const stampPattern = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/** Milliseconds since 1970 of a stamp, or undefined for another text. */
export function timeOfStamp(stamp: string): number | undefined {
    const parts = stampPattern.exec(stamp);
    if (!parts) return undefined;
    const [, year, month, day, hour, minute, second] = parts;
    const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    return Number.isNaN(time) ? undefined : time;
}

const manifestName = "manifest.json";

/** How often a file is asked for when its connection breaks. */
const downloadAttempts = 3;

/** The backups of one environment, in the bucket `relaypacs-database-backups-…`: `<environment>/<stamp>/<file>`. */
export class BackupStore {
    private constructor(
        private readonly s3: S3,
        readonly bucket: string,
        private readonly environment: string,
    ) {}

    /** With the credentials and the region of the process's environment. */
    static async open(bucket: string, environment: string): Promise<BackupStore> {
        // Loaded only here: no other command needs it.
        const { S3 } = await import("@aws-sdk/client-s3");
        return new BackupStore(new S3(await awsClientOptions()), bucket, environment);
    }

    private key(stamp: string, name: string): string {
        return `${this.environment}/${stamp}/${name}`;
    }

    private async asked<T>(what: string, action: () => Promise<T>): Promise<T> {
        try {
            return await action();
        } catch (error) {
            const { name, message } = error as Error;
            throw new Error(
                `The bucket ${this.bucket} ${what}: ${name === "Error" ? message : `${name}, ${message}`}`,
                {
                    cause: error,
                },
            );
        }
    }

    /** Stamps of all backups, newest first, complete or not. */
    async stamps(): Promise<readonly string[]> {
        const found: string[] = [];
        for (let token: string | undefined, more = true; more;) {
            const page = await this.asked("can't be listed", () =>
                this.s3.listObjectsV2({
                    Bucket: this.bucket,
                    Prefix: `${this.environment}/`,
                    Delimiter: "/",
                    ...(token !== undefined && { ContinuationToken: token }),
                }),
            );
            for (const { Prefix: prefix } of page.CommonPrefixes ?? []) found.push(basename(prefix ?? ""));
            token = page.NextContinuationToken;
            more = token !== undefined;
        }
        return found
            .filter((stamp) => timeOfStamp(stamp) !== undefined)
            .sort()
            .reverse();
    }

    /**
     * The manifest of a backup, or undefined where the backup was not completed.
     *
     * @throws Error where it can't be read or is damaged
     */
    async manifest(stamp: string): Promise<Manifest | undefined> {
        const text = await this.asked("can't be read", async () => {
            try {
                const { Body: body } = await this.s3.getObject({
                    Bucket: this.bucket,
                    Key: this.key(stamp, manifestName),
                });
                return await body?.transformToString();
            } catch (error) {
                if ((error as Error).name === "NoSuchKey") return undefined;
                throw error;
            }
        });
        if (text === undefined) return undefined;
        try {
            return manifest.parse(JSON.parse(text));
        } catch (error) {
            throw new Error(`The manifest of the backup ${stamp} is damaged; choose an earlier moment.`, {
                cause: error,
            });
        }
    }

    /** Downloads a file of a backup and returns the SHA-256 of what came. A connection that breaks is made again. */
    async download(stamp: string, name: string, folder: string): Promise<string> {
        for (let attempt = 1; ; attempt += 1) {
            try {
                return await this.downloadOnce(stamp, name, folder);
            } catch (error) {
                if (attempt === downloadAttempts) throw error;
            }
        }
    }

    private async downloadOnce(stamp: string, name: string, folder: string): Promise<string> {
        return this.asked(`does not give ${this.key(stamp, name)}`, async () => {
            const { Body: body } = await this.s3.getObject({ Bucket: this.bucket, Key: this.key(stamp, name) });
            const hash = createHash("sha256");
            const source = body as Readable;
            source.on("data", (chunk: Buffer) => hash.update(chunk));
            await pipeline(source, createWriteStream(join(folder, name)));
            return hash.digest("hex");
        });
    }

    /** Uploads a file of a backup, in parts where it is large. */
    async upload(stamp: string, file: string): Promise<void> {
        const { Upload } = await import("@aws-sdk/lib-storage");
        await this.asked("does not take the backup", () =>
            new Upload({
                client: this.s3,
                // Who writes backups may delete nothing; the bucket's lifecycle removes the parts.
                leavePartsOnError: true,
                params: { Bucket: this.bucket, Key: this.key(stamp, basename(file)), Body: createReadStream(file) },
            }).done(),
        );
    }

    /** Completes a backup. A manifest is never written twice: the second of two backups in a second fails. */
    async complete(stamp: string, written: Manifest): Promise<void> {
        await this.asked("does not take the manifest", () =>
            this.s3.putObject({
                Bucket: this.bucket,
                Key: this.key(stamp, manifestName),
                Body: `${JSON.stringify(written, undefined, 2)}\n`,
                ContentType: "application/json",
                IfNoneMatch: "*",
            }),
        );
    }

    /** Ends connections that are kept for further requests. */
    close(): void {
        this.s3.destroy();
    }
}
