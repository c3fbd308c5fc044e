import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot, type Instance } from "../machine/instance";
import { githubApi } from "../parts/github/part";
import { trustedKeys } from "./evidence/signing-key";

/** The policy pack's configuration of the account that the stack files name. */
export const accountConfiguration = path.join(projectRoot, "policies", "account.json");

type Configuration = Readonly<Record<string, object>>;

/** The account's configuration, and what is the sandbox's own: the key that signs its evidence, and its GitHub. */
export function policyConfiguration(instance: Instance): Configuration {
    const account = JSON.parse(fs.readFileSync(accountConfiguration, "utf8")) as Configuration;
    const [gates, github] = ["delivery-release-gates", "provider-github-organization"];
    return {
        ...account,
        [github]: { ...account[github], endpoints: [githubApi(instance)] },
        [gates]: { ...account[gates], trustedKeys: trustedKeys(instance) },
    };
}

/**
 * The file with the sandbox's configuration of the pack, which is not part of the project. It is written where the
 * sandbox exists and the file says something else; the sandbox's evidence key is made after the first commands have run.
 */
export function policyConfigurationFile(instance: Instance): string {
    const file = path.join(instance.root, "policy-config.json");
    if (!fs.existsSync(instance.root)) return file;
    const content = `${JSON.stringify(policyConfiguration(instance), undefined, 2)}\n`;
    if (!fs.existsSync(file) || fs.readFileSync(file, "utf8") !== content) {
        // Commands may run side by side: none may read half a file.
        const draft = `${file}.${process.pid}`;
        fs.writeFileSync(draft, content);
        fs.renameSync(draft, file);
    }
    return file;
}
