import * as fs from "node:fs";
import * as path from "node:path";
import { aws } from "../cloud/moto";
import { sandboxAccount } from "../cloud/account";
import { ctr, imageReferences, importImage } from "../cluster/containerd";
import { projectRoot, type Instance } from "../instance";
import { SandboxError, type Progress } from "../part";
import { buildApplication, sourceDigest } from "./build";
import { writeOciArchive, type ImageArchive, type ImageDescription } from "./oci";

export const services = ["backend", "frontend"] as const;

export type ServiceName = (typeof services)[number];

/** What the program takes as its setting `relaypacs:release`. */
export interface Release {
    readonly version: string;
    readonly commit: string;
    /** Digest of each service's image. */
    readonly images: Readonly<Record<ServiceName, string>>;
    /** Whether production goes back to it. @default false */
    readonly rollback?: boolean;
}

/** Variables of the table of faults in README.md, baked into the images: a deployment cannot set them for one release. */
export type Faults = Readonly<Record<`FAULT_${string}`, string>>;

export interface ImageOptions {
    /** Semantic version. One version is one content: give each set of faults a version of its own. */
    readonly version: string;
    readonly faults?: Faults;
    /** The one service that has the faults. @default all services */
    readonly service?: ServiceName;
    /** Whether the backend has one migration more, as a later release has. @default false */
    readonly nextMigration?: boolean;
}

export interface BuiltImage extends ImageArchive {
    readonly repository: string;
    /** "v" and the version. */
    readonly tag: string;
    /** OCI archive, below `instance.root`. */
    readonly file: string;
}

export type Images = Readonly<Record<ServiceName, BuiltImage>>;

/** Images of services or tools by name. */
type AnyImages = Readonly<Record<string, BuiltImage>>;

function registryHost(): string {
    const { id, region } = sandboxAccount();
    return `${id}.dkr.ecr.${region}.amazonaws.com`;
}

const tagged = ({ repository, tag }: BuiltImage) => `${registryHost()}/${repository}:${tag}`;

/** The reference that deployments use. */
export const pinned = ({ repository, digest }: BuiltImage) => `${registryHost()}/${repository}@${digest}`;

const commitOf = (source: string) => source.slice(0, 40);

type ServiceDescription = Pick<ImageDescription, "files" | "entrypoint" | "exposedPorts">;

function describeService(service: ServiceName, programs: string): ServiceDescription {
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

/** Writes the image `relaypacs/<name>` as an archive below the sandbox's folder, to run as a user without rights. */
export async function buildImage(
    instance: Instance,
    name: string,
    tag: string,
    description: Omit<ImageDescription, "reference" | "user">,
): Promise<BuiltImage> {
    const repository = `relaypacs/${name}`;
    const file = path.join(instance.root, "images", `${name}-${tag.slice(1)}.tar`);
    const image = { ...description, reference: `${registryHost()}/${repository}:${tag}`, user: "65532:65532" };
    return { ...(await writeOciArchive(image, file)), repository, tag, file };
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

/** Loads images into the node under the references by tag and by digest, so that `IfNotPresent` finds them. */
export async function importImages(instance: Instance, images: AnyImages): Promise<void> {
    const present = new Set(await imageReferences(instance));
    for (const image of Object.values(images)) {
        if (present.has(pinned(image)) && present.has(tagged(image))) continue;
        await importImage(instance, image.file);
        await ctr(instance, ["images", "tag", "--force", tagged(image), pinned(image)]);
    }
}

interface EcrTag {
    readonly imageDigest: string;
    readonly imageTag?: string;
}

/**
 * Puts the images' manifests into the registry, as a push would, so that what deployments pin is in it. What is there
 * already stays. Answers whether all repositories exist: the first update makes them, so before it there are none.
 */
export async function registerInEcr(instance: Instance, images: AnyImages): Promise<boolean> {
    const { repositories } = JSON.parse(await aws(instance, ["ecr", "describe-repositories"])) as {
        readonly repositories: readonly { readonly repositoryName: string }[];
    };
    const existing = new Set(repositories.map(({ repositoryName }) => repositoryName));
    const all = Object.values(images);
    const possible = all.filter(({ repository }) => existing.has(repository));
    await Promise.all(possible.map((image) => register(instance, image)));
    return all.every(({ repository }) => existing.has(repository));
}

/** The version's tag, and the one by which a deployment to staging shields its image from expiry. */
const tagsOf = ({ tag }: BuiltImage) => [tag, `running-staging-${tag.slice(1)}`];

async function register(instance: Instance, image: BuiltImage): Promise<void> {
    const repository = ["--repository-name", image.repository];
    const found = await aws(instance, ["ecr", "list-images", ...repository]);
    const { imageIds } = JSON.parse(found) as { readonly imageIds: readonly EcrTag[] };
    for (const tag of tagsOf(image)) {
        const known = imageIds.find(({ imageTag }) => imageTag === tag)?.imageDigest;
        if (known === image.digest) continue;
        if (known !== undefined)
            throw new SandboxError(
                `${image.repository}:${tag} is ${known} in the registry, whose tags cannot be moved, and ` +
                    `${image.digest} was built: give the new images another version`,
            );
        // The registry compares the digest with its own; the emulator makes one up where none is given.
        const manifest = ["--image-manifest", image.manifest, "--image-tag", tag, "--image-digest", image.digest];
        const put = await aws(instance, ["ecr", "put-image", ...repository, ...manifest]);
        const stored = (JSON.parse(put) as { readonly image: { readonly imageId: EcrTag } }).image.imageId.imageDigest;
        if (stored !== image.digest)
            throw new SandboxError(`${image.repository}:${tag} became ${stored} instead of ${image.digest}`);
    }
}

export const releaseOf = (version: string, images: Images): Release => ({
    version,
    commit: commitOf(sourceDigest()),
    images: { backend: images.backend.digest, frontend: images.frontend.digest },
});

/** The project's version, and which sources of the application it was built from: other sources, another version. */
function ownVersion(): string {
    const file = path.join(projectRoot, "package.json");
    const { version } = JSON.parse(fs.readFileSync(file, "utf8")) as { readonly version: string };
    // The letter keeps an all-digit identifier from being a number, which semantic versions forbid to begin with 0.
    return `${version}-g${sourceDigest().slice(0, 7)}`;
}

/**
 * Builds the images of one version, loads them into the node, registers them where the registry has their repositories,
 * and answers the release to deploy. With faults it is a release that is broken wherever it runs.
 */
export async function publishRelease(
    instance: Instance,
    options: ImageOptions,
    progress: Progress = () => undefined,
): Promise<Release> {
    const images = await buildImages(instance, options, progress);
    progress("loading the images into the node");
    await importImages(instance, images);
    progress("registering the images");
    await registerInEcr(instance, images);
    for (const { file } of Object.values(images)) fs.rmSync(file, { force: true });
    return releaseOf(options.version, images);
}

/**
 * Publishes this checkout's images and writes `release.json`. Does little when all that is done: it is for before and for
 * after the first update.
 */
export async function publishImages(instance: Instance, progress: Progress): Promise<Release> {
    const release = await publishRelease(instance, { version: ownVersion() }, progress);
    fs.writeFileSync(path.join(instance.root, "release.json"), `${JSON.stringify(release, undefined, 2)}\n`);
    return release;
}
