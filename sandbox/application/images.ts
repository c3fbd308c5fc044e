import * as fs from "node:fs";
import * as path from "node:path";
import { repositoryName } from "../../delivery/core/names";
import { crane, reference, signIn, taggedDigest } from "../parts/registry/client";
import { projectRoot, type Instance } from "../machine/instance";
import { SandboxError, type Progress } from "../machine/part";
import { buildApplication, sourceDigest } from "./build";
import { writeOciLayout, type ImageDescription, type WrittenImage } from "./oci";

export const services = ["backend", "frontend"] as const;

export type ServiceName = (typeof services)[number];

/** What the program takes as its setting `relaypacs:release`. */
export interface Release {
    readonly version: string;
    readonly commit: string;
    /** Digest of each service's image. */
    readonly images: Readonly<Record<ServiceName, string>>;
    /** Whether it is a rollback of production to this release. @default false */
    readonly rollback?: boolean;
}

/** Variables of the table of faults in README.md, baked into the images: a deployment cannot set them for one release. */
export type Faults = Readonly<Record<`FAULT_${string}`, string>>;

export interface ImageOptions {
    /** Semantic version. Each set of faults needs a version of its own: a version always has the same content. */
    readonly version: string;
    readonly faults?: Faults;
    /** The one service that has the faults. @default all services */
    readonly service?: ServiceName;
    /** Whether the backend has one additional migration, as a later release has. @default false */
    readonly nextMigration?: boolean;
}

export interface BuiltImage extends WrittenImage {
    readonly repository: string;
    /** "v" and the version. */
    readonly tag: string;
    /** OCI image layout, below `instance.root`. */
    readonly folder: string;
}

export type Images = Readonly<Record<ServiceName, BuiltImage>>;

/** Images of services or tools by name. */
type AnyImages = Readonly<Record<string, BuiltImage>>;

const commitOf = (source: string) => source.slice(0, 40);

type ServiceDescription = Pick<ImageDescription, "files" | "entrypoint" | "exposedPorts">;

export function describeService(service: ServiceName, programs: string): ServiceDescription {
    const program = { path: `/usr/local/bin/${service}`, source: path.join(programs, service), mode: 0o755 };
    const entrypoint = [program.path];
    switch (service) {
        case "backend":
            return {
                files: [program, { path: "/usr/local/bin/alembic", link: "backend", mode: 0o777 }],
                entrypoint,
                exposedPorts: ["8000/tcp"],
            };
        case "frontend":
            return { files: [program], entrypoint, exposedPorts: ["8080/tcp"] };
    }
}

/** Writes the image `relaypacs/<name>` below the sandbox's folder. It runs as an unprivileged user. */
export async function buildImage(
    instance: Instance,
    name: string,
    tag: string,
    description: Omit<ImageDescription, "reference" | "user">,
): Promise<BuiltImage> {
    const repository = repositoryName(name);
    const folder = path.join(instance.root, "images", `${name}-${tag.slice(1)}`);
    const image = { ...description, reference: reference(repository, tag), user: "65532:65532" };
    return { ...(await writeOciLayout(image, folder)), repository, tag, folder };
}

/** Builds both images. Programs are compiled once for all versions; the version and the faults are the configuration's. */
export async function buildImages(instance: Instance, options: ImageOptions, progress: Progress): Promise<Images> {
    const programs = await buildApplication(progress);
    const { version, faults = {}, service: faulty, nextMigration = false } = options;
    const commit = commitOf(sourceDigest());
    const build = (service: ServiceName) =>
        buildImage(instance, service, `v${version}`, {
            ...describeService(service, programs),
            environment: {
                PATH: "/usr/local/bin",
                APPLICATION_VERSION: version,
                APPLICATION_COMMIT: commit,
                ...(nextMigration && service === "backend" && { APPLICATION_NEXT_MIGRATION: "true" }),
                ...(faulty === undefined || faulty === service ? faults : {}),
            },
            labels: {
                "org.opencontainers.image.title": `RelayPACS ${service}`,
                "org.opencontainers.image.version": version,
                "org.opencontainers.image.revision": commit,
            },
        });
    progress(`images of version ${version}`);
    const [backend, frontend] = await Promise.all([build("backend"), build("frontend")]);
    return { backend, frontend };
}

/** The version's tag, and the tag with which a deployment to staging protects its image from expiry. */
const tagsOf = (tag: string) => [tag, `running-staging-${tag.slice(1)}`];

/** Whether the registry has an image under both tags; an error when another image has one of them. */
export async function isPushed(
    instance: Instance,
    { repository, tag, digest }: Pick<BuiltImage, "repository" | "tag" | "digest">,
): Promise<boolean> {
    const found = await Promise.all(
        tagsOf(tag).map(async (name) => ({ name, known: await taggedDigest(instance, repository, name) })),
    );
    const taken = found.find(({ known }) => known !== undefined && known !== digest);
    if (taken !== undefined)
        throw new SandboxError(
            `${repository}:${taken.name} is ${taken.known ?? ""} in the registry, whose tags cannot be moved, and ` +
                `${digest} was built: give the new images another version`,
        );
    return found.every(({ known }) => known === digest);
}

async function push(instance: Instance, image: BuiltImage): Promise<void> {
    if (await isPushed(instance, image)) return;
    // The client leaves out what the registry has.
    for (const tag of tagsOf(image.tag))
        await crane(instance, ["push", image.folder, reference(image.repository, tag)]);
}

/** Pushes images to the registry, from where the node pulls them. */
export async function pushImages(instance: Instance, images: AnyImages): Promise<void> {
    await signIn(instance);
    await Promise.all(Object.values(images).map((image) => push(instance, image)));
}

export const releaseOf = (version: string, images: Images): Release => ({
    version,
    commit: commitOf(sourceDigest()),
    images: { backend: images.backend.digest, frontend: images.frontend.digest },
});

/** The project's version. */
export function projectVersion(): string {
    const file = path.join(projectRoot, "package.json");
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { readonly version: string }).version;
}

/**
 * The project's version, with the digest of the application's sources: other sources are another version. The letter avoids
 * a numeric identifier, which must not begin with 0 in a semantic version.
 */
const ownVersion = (): string => `${projectVersion()}-g${sourceDigest().slice(0, 7)}`;

/**
 * Builds the images of one version, pushes them to the registry, and returns the release to deploy. With faults, the
 * release is broken in every environment.
 */
export async function publishRelease(
    instance: Instance,
    options: ImageOptions,
    progress: Progress = () => undefined,
): Promise<Release> {
    const images = await buildImages(instance, options, progress);
    progress("pushing the images");
    await pushImages(instance, images);
    for (const { folder } of Object.values(images)) fs.rmSync(folder, { recursive: true });
    return releaseOf(options.version, images);
}

/**
 * Publishes this checkout's images and writes `release.json`. Runs before and after the first update, and is fast the
 * second time.
 */
export async function publishImages(instance: Instance, progress: Progress): Promise<Release> {
    const release = await publishRelease(instance, { version: ownVersion() }, progress);
    fs.writeFileSync(path.join(instance.root, "release.json"), `${JSON.stringify(release, undefined, 2)}\n`);
    return release;
}
