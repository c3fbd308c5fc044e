/** The plugin `pulumi-resource-kubernetes`: started by the engine, which gives its address as the last argument. */
import { createRequire } from "node:module";
import { serveAndAnnounce, serviceOf, whenStarterGoes } from "../rpc";
import { KubernetesProvider } from "./provider";

const { version } = createRequire(__filename)("@pulumi/kubernetes/package.json") as { version: string };
const engineAddress =
    process.argv
        .slice(2)
        .filter((argument) => !argument.startsWith("-"))
        .at(-1) ?? "";

whenStarterGoes(() => {
    process.exit(0);
});
const provider = new KubernetesProvider(version, engineAddress);
serveAndAnnounce(serviceOf("provider", "ResourceProvider"), provider.implementation).catch((error: unknown) => {
    process.stderr.write(`the Kubernetes plugin could not be started: ${String(error)}\n`);
    process.exit(1);
});
