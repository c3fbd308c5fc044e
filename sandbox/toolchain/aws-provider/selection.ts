import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "../../machine/part";
import type { Selection } from "../selection";

/** Terraform's AWS provider serves some 250 services, which cost most of the time to compile it. */
const services = path.join("internal", "service");

/** Generated: the list of all services, and a method for each service's client. */
const serviceList = path.join("internal", "provider", "sdkv2", "service_packages_gen.go");
const clientMethods = path.join("internal", "conns", "awsclient_gen.go");
const serviceNames = path.join("names", "consts_gen.go");

/** Go refuses to embed files by a pattern that none matches, and few services have one. */
const embedding = path.join("internal", "embed.go");
const errorTexts = "smarterr.hcl";

/**
 * Reads a secret's versions. One field's type is wrong, and each preview shows a line that begins with "error" for it;
 * mended after this version (terraform-provider-aws, pull request 48033).
 */
const secretVersions = path.join("internal", "service", "secretsmanager", "secret_versions_data_source.go");

/** What nothing that is built imports: documents, examples, generators and what only tests use. */
const unused = [".github", "docs", "examples", "infrastructure", "website"].concat(
    ["acctest", "generate"].map((folder) => path.join("internal", folder)),
);

/** A line that imports a service, or a package of it: the service's name is the group. */
const imports = /^\t(?:\w+ )?"github\.com\/hashicorp\/terraform-provider-aws\/internal\/service\/(\w+).*"\n/gm;

function changedUpstream(file: string, what: string): SandboxError {
    return new SandboxError(
        `${file} of the Terraform AWS provider ${what}; adapt sandbox/toolchain/aws-provider/selection.ts to the ` +
            "version that originals/go.mod names",
    );
}

/** Pulumi's modules in the tokens of types.go and main.go are named as the provider's services. */
function declaredServices(): string[] {
    const source = ["types.go", "main.go"]
        .map((file) => fs.readFileSync(path.join(__dirname, file), "utf8"))
        .join("\n");
    const tokens = /^\t+"aws_\w+": +(?:"|\{Tok: "aws:)(\w+)[:/]/gm;
    return Array.from(source.matchAll(tokens), ([, service = ""]) => service);
}

function goFiles(folder: string): string[] {
    return fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".go") && !file.endsWith("_test.go"))
        .map((file) => path.join(folder, file));
}

/** The services that are declared, and those that they import. */
function neededServices(provider: string, declared: readonly string[]): Set<string> {
    const needed = new Set(declared);
    // A set's iteration also visits what is added on the way.
    for (const service of needed) {
        const folder = path.join(provider, services, service);
        if (!fs.existsSync(folder))
            throw new SandboxError(
                `sandbox/toolchain/aws-provider/types.go or main.go names a type of "${service}", ` +
                    `which is no service in ${services} of the Terraform AWS provider`,
            );
        for (const file of goFiles(folder))
            for (const [, imported = ""] of fs.readFileSync(file, "utf8").matchAll(imports)) needed.add(imported);
    }
    return needed;
}

/** The list of services with the needed ones only. */
function shortenServiceList(source: string, needed: ReadonlySet<string>): string {
    const listed: string[] = [];
    const shortened = source
        .replace(imports, (line, imported: string) => (needed.has(imported) ? line : ""))
        .replace(/^\t\t(\w+)\.ServicePackage\(ctx\),\n/gm, (line, name: string) => {
            listed.push(name);
            return needed.has(name) ? line : "";
        });
    const missing = [...needed].find((service) => !listed.includes(service));
    if (missing !== undefined)
        throw changedUpstream(serviceList, `has no line "${missing}.ServicePackage(ctx)," any more`);
    const left = shortened.match(/\.ServicePackage\(/g)?.length;
    if (left !== needed.size) throw changedUpstream(serviceList, "lists services in other words than before");
    return shortened;
}

/** The methods for clients of the needed services only, with what they import. */
function shortenClientMethods(source: string, names: string, needed: ReadonlySet<string>): string {
    const constants = names.matchAll(/^\t(\w+) += "(\w+)"$/gm);
    const serviceOf = new Map(Array.from(constants, ([, name = "", service = ""]) => [name, service]));
    const used = new Set<string>();
    const found = new Set<string>();
    const methods = source.replace(
        /^func \(c \*AWSClient\) \w+Client\(ctx context\.Context\) \*(\w+)\.Client \{\n.*\bnames\.(\w+),.*\n\}\n\n?/gm,
        (method, library: string, name: string) => {
            const service = serviceOf.get(name);
            if (service === undefined) throw changedUpstream(serviceNames, `does not define "${name}" any more`);
            if (!needed.has(service)) return "";
            used.add(library);
            found.add(service);
            return method;
        },
    );
    const missing = [...needed].find((service) => !found.has(service));
    if (missing !== undefined)
        throw changedUpstream(clientMethods, `has no method for the client of "${missing}" any more`);
    if (methods.match(/^func /gm)?.length !== found.size)
        throw changedUpstream(clientMethods, "has methods in other words than before");
    return methods.replace(
        /^\t(?:(\w+) )?"github\.com\/aws\/aws-sdk-go-v2\/service\/(\w+)"\n/gm,
        (line, alias: string | undefined, name: string) => (used.has(alias ?? name) ? line : ""),
    );
}

/** The embedding of services' texts of errors, unless no needed service has any. */
function shortenEmbedding(source: string, provider: string, needed: ReadonlySet<string>): string {
    const some = [...needed].some((service) => fs.existsSync(path.join(provider, services, service, errorTexts)));
    return some ? source : source.replace(`//go:embed service/*/${errorTexts}\n`, "");
}

/** The data source with the type that the field has in later versions. */
function mendSecretVersions(source: string): string {
    const mended = source.replace(/^(\tLastAccessedDate )types\.String( +`)/m, "$1timetypes.RFC3339$2");
    if (mended === source) throw changedUpstream(secretVersions, "has another type for the last access");
    return mended;
}

/**
 * What the plugin takes of the Terraform AWS provider in the folder `provider`: the services whose types are declared,
 * by default in types.go and main.go, and all that is common. Fails when the provider no longer lists its services in the
 * way that this knows.
 */
export function selectServices(provider: string, declared: readonly string[] = declaredServices()): Selection {
    const needed = neededServices(provider, declared);
    const read = (file: string) => fs.readFileSync(path.join(provider, file), "utf8");
    return {
        takes: (file) => {
            if (unused.includes(file) || file.endsWith("_test.go")) return false;
            if (!file.startsWith(services + path.sep)) return true;
            const [name = "", ...rest] = path.relative(services, file).split(path.sep);
            // Common files stand beside the services' folders.
            return needed.has(name) || (rest.length === 0 && path.extname(name) !== "");
        },
        contents: {
            [embedding]: shortenEmbedding(read(embedding), provider, needed),
            [serviceList]: shortenServiceList(read(serviceList), needed),
            [clientMethods]: shortenClientMethods(read(clientMethods), read(serviceNames), needed),
            ...(needed.has("secretsmanager") && { [secretVersions]: mendSecretVersions(read(secretVersions)) }),
        },
    };
}
