import * as aws from "@pulumi/aws";
import * as github from "@pulumi/github";
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../settings";

/** The providers of one account, one organisation and one cluster. No resource may fall back to another. */
export function createProviders(settings: Settings): pulumi.ProviderResource[] {
    const { account, githubToken, kubernetesContext, repository } = settings;
    return [
        new aws.Provider("aws", { region: account.region, allowedAccountIds: [account.accountId] }),
        new github.Provider("github", { owner: repository.owner, token: githubToken }),
        new k8s.Provider("cluster", {
            enableServerSideApply: true,
            ...(kubernetesContext !== undefined && { context: kubernetesContext }),
        }),
    ];
}
