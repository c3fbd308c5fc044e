import { namespaceName } from "../../../delivery/core/names";
import { run } from "../../machine/command";
import { environment } from "../../stacks/environment";
import type { Instance } from "../../machine/instance";
import { pkiFile } from "./certificates";

/** Stores the certificate of an environment's public host name where its ingress controller expects it. */
export async function deliverPublicCertificate(instance: Instance, stack: string): Promise<void> {
    const kubectl = (args: readonly string[], input = "") =>
        run("kubectl", ["--namespace", namespaceName(stack), ...args], { environment: environment(instance), input });
    const files = ["crt", "key"].map((kind) => pkiFile(instance, `public-${stack}.${kind}`));
    const pair = [`--cert=${files[0] ?? ""}`, `--key=${files[1] ?? ""}`];
    const secret = await kubectl(["create", "secret", "tls", "public-tls", ...pair, "--dry-run=client", "-o", "json"]);
    await kubectl(["apply", "--server-side", "-f", "-"], secret);
}
