import * as path from "node:path";
import type { Instance } from "../../machine/instance";

/** Where the certificate, key or kubeconfig of that name is: `ca.crt`, `admin.key`, `kubelet.kubeconfig` … */
export const pkiFile = (instance: Instance, file: string) => path.join(instance.root, "pki", file);
