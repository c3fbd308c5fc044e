import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { paceVariables, shortenedPace } from "../../../sandbox/drill/pace";
import { environment } from "../../../sandbox/stacks/environment";
import { makeSigningKeys, trustedKeys } from "../../../sandbox/stacks/evidence/signing-key";
import { policyConfigurationFile } from "../../../sandbox/stacks/policy-configuration";
import type { Instance } from "../../../sandbox/machine/instance";
import { projectRoot } from "../../support/project";
import { temporaryInstance } from "../support/instance";

const repository = "https://github.com/relaypacs/gateway";

type Configuration = Record<string, Record<string, unknown>>;

const read = (file: string) => JSON.parse(fs.readFileSync(file, "utf8")) as Configuration;

describe("The sandbox's configuration of the policy pack", () => {
    let instance: Instance;
    beforeEach(async () => {
        instance = await temporaryInstance();
    });
    afterEach(() => {
        fs.rmSync(instance.root, { recursive: true, force: true });
    });

    it("should be the account's, with the sandbox's own evidence key and GitHub", () => {
        makeSigningKeys(instance);
        const account = read(path.join(projectRoot, "policies/account.json"));
        const { GITHUB_BASE_URL: github } = environment(instance);
        assert.deepEqual(
            trustedKeys(instance).map(({ duty }) => duty),
            ["pipeline", "staging", "production"],
        );
        assert.deepEqual(read(policyConfigurationFile(instance)), {
            ...account,
            "delivery-release-gates": { ...account["delivery-release-gates"], trustedKeys: trustedKeys(instance) },
            "provider-github-organization": { owner: "relaypacs", endpoints: [github] },
        });
    });

    it("should know the evidence key once it exists", () => {
        const file = policyConfigurationFile(instance);
        assert.deepEqual(read(file)["delivery-release-gates"], { repository, trustedKeys: [] });
        makeSigningKeys(instance);
        assert.equal(policyConfigurationFile(instance), file);
        assert.deepEqual(read(file)["delivery-release-gates"], { repository, trustedKeys: trustedKeys(instance) });
    });

    it("should stay as it is while nothing has changed", () => {
        const file = policyConfigurationFile(instance);
        fs.utimesSync(file, 1, 1);
        policyConfigurationFile(instance);
        assert.equal(fs.statSync(file).mtimeMs, 1000);
        assert.deepEqual(fs.readdirSync(instance.root), ["policy-config.json"]);
    });

    it("should not bring back the folder of a sandbox that is gone", () => {
        fs.rmSync(instance.root, { recursive: true });
        policyConfigurationFile(instance);
        assert.equal(fs.existsSync(instance.root), false);
    });

    it("should be what every command of the sandbox uses, and what a drill's pace adds to", () => {
        makeSigningKeys(instance);
        const file = environment(instance).PULUMI_OPTION_POLICY_PACK_CONFIG!;
        const own = read(file);
        const ofDrill = read(paceVariables(instance, shortenedPace).PULUMI_OPTION_POLICY_PACK_CONFIG!);
        assert.deepEqual(ofDrill, {
            ...own,
            "kubernetes-rollout-strategy": { minimumIdleSeconds: 90 },
            "kubernetes-analysis-limits": { minimumCanarySeconds: 25, minimumWatchSeconds: 15 },
        });
    });
});
