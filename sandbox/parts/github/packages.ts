import * as path from "node:path";
import { projectRoot } from "../../machine/instance";

/**
 * A file of an installed package. Some packages have no CommonJS entry, so `require` cannot find their files by name.
 */
export const packageFile = (name: string, ...parts: string[]) => path.join(projectRoot, "node_modules", name, ...parts);
