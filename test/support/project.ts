import * as path from "node:path";

/** The folder that holds Pulumi.yaml. */
export const projectRoot = path.resolve(__dirname, "../..");
