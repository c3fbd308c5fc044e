import * as fs from "node:fs";
import * as path from "node:path";
import { SandboxError } from "../../machine/part";
import { adapted, type Adaptations, type Selection } from "../selection";

const command = path.join("cmd", "pulumi-resource-kubernetes");

/** What the command embeds, and the file that it is generated from. */
const embedded = {
    "schema-embed.json": "schema.json",
    "terraform-mapping-embed.json": "terraform-mapping.json",
};

/** Registers the components for YAML files, Helm charts and Kustomize, by a line and an import each. */
const components = path.join("pkg", "provider", "provider_construct.go");
const registrations = /^\t"kubernetes:[\w./]+:\w+": +provider\w+\.New\w+Provider,\n/gm;
const imports = /^\tprovider(?:helmv4|kustomizev2|yamlv2) ".*"\n/gm;

/** Text that the versions of Kubernetes and of Pulumi's engine in `../go.mod` want otherwise, by its file. */
const adaptations: Adaptations = {
    [path.join("pkg", "await", "await.go")]: ["structured-merge-diff/v4/", "structured-merge-diff/v6/"],
    [path.join("pkg", "gen", "schema.go")]: ["Provider: pschema.ResourceSpec{", "Provider: &pschema.ResourceSpec{"],
};

/**
 * Selects what Pulumi's Kubernetes provider needs for ordinary resources. Its components for YAML, Helm and Kustomize
 * import Pulumi's Go SDK for Kubernetes, which costs more to compile than the rest of the provider.
 */
export function selectResources(provider: string): Selection {
    const source = fs.readFileSync(path.join(provider, components), "utf8");
    const found = [registrations, imports].map((pattern) => Array.from(source.matchAll(pattern)).length);
    if (found.join() !== "4,3")
        throw new SandboxError(
            `${components} of Pulumi's Kubernetes provider registers components in other words than before; adapt ` +
                "sandbox/toolchain/kubernetes-provider/selection.ts to the version that originals/go.mod names",
        );
    const generated = Object.entries(embedded).map(([target, from]) => [
        path.join(command, target),
        fs.readFileSync(path.join(provider, command, from), "utf8"),
    ]);
    return {
        takes: (file) => !file.endsWith("_test.go") && file !== path.join(command, "generate.go"),
        contents: {
            ...adapted(provider, adaptations, "Pulumi's Kubernetes provider"),
            ...(Object.fromEntries(generated) as Record<string, string>),
            [components]: source.replace(registrations, "").replace(imports, ""),
        },
    };
}
