import * as path from "node:path";
import type { ReleaseIdentity } from "../../../delivery/core/release";
import type { Instance } from "../../machine/instance";

export type Environment = "staging" | "prod";

/** Where the evidence of what an environment runs is. */
export const evidenceFolder = (instance: Instance, environment: Environment) =>
    path.join(instance.root, "evidence", environment);

/** Where the evidence of one release is, beside that of what the sandbox itself deploys. */
export const releaseFolder = (instance: Instance, environment: Environment, { version }: ReleaseIdentity) =>
    path.join(instance.root, "evidence", "releases", version, environment);
