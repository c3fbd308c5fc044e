import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import { BranchGuard } from "./branch-guard";
import {
    deploymentEnvironment,
    githubEnvironment,
    driftEnvironment,
    previewEnvironment,
    rollbackEnvironment,
    signingEnvironment,
} from "../../delivery/core/names";
import { after } from "../shared/known-after";

export interface RepositoryGovernanceArgs {
    readonly repository: {
        readonly name: string;
        /** The repository of this program, declared elsewhere; only its environments for previews are created here. */
        readonly platform: string;
        readonly visibility: string;
        /** Slugs of the teams that may approve production and previews. */
        readonly approverTeams: readonly string[];
        readonly requiredChecks: readonly string[];
        readonly archiveOnDestroy: boolean;
        /**
         * Who moves `staging` to what runs there: a user (`/login`) or a GitHub App (its node id).
         *
         * @default no one, and `staging` stays where it is
         */
        readonly stagingMirror?: string | undefined;
    };
    /**
     * Minutes that a release runs in staging before an approver is asked, up to GitHub's limit of 43,200.
     *
     * @default 240 (specification, section 5, production gates: 4 hours)
     */
    readonly soakMinutes?: number;
    /** Actions variables of the whole repository, by name. */
    readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
    /** Actions secrets of the whole repository, by name. */
    readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

/**
 * The code repository's rules (specification, sections 2 and 5): merge methods that keep history linear; the protected
 * branches `main` and `staging`, the second of which is created here; version tags that can't be moved; environments to
 * which only protected branches deploy; production behind an approver who is not the author, and before that a timer for
 * the time in staging. What follows the approval runs from `main` only, in an environment of its own
 * (docs/decisions/0052), like a rollback, which needs no approval, because minutes count then (section 7); evidence is
 * signed from `main` only. Previews of this program, in its own repository, need an approval for each stack.
 */
export class RepositoryGovernance extends pulumi.ComponentResource {
    /** The repository's name, known once its environments exist. */
    readonly repository: pulumi.Output<string>;
    /** GitHub's id of the repository, which stays when it is renamed. */
    readonly repositoryId: pulumi.Output<number>;
    /** The platform's repository, known once its environments for previews exist. */
    readonly platform: pulumi.Output<string>;

    constructor(name: string, args: RepositoryGovernanceArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:governance:RepositoryGovernance", name, {}, options);
        const repository = new github.Repository(
            name,
            {
                name: args.repository.name,
                visibility: args.repository.visibility,
                autoInit: true,
                // Incidents are issues with the labels P1 and P2; without this, a new repository has none.
                hasIssues: true,
                allowMergeCommit: false,
                allowSquashMerge: true,
                allowRebaseMerge: true,
                allowUpdateBranch: true,
                deleteBranchOnMerge: true,
                archiveOnDestroy: args.repository.archiveOnDestroy,
            },
            { parent: this, protect: true },
        );
        new github.RepositoryVulnerabilityAlerts(
            name,
            { repository: repository.name, enabled: true },
            { parent: this },
        );
        this.branches(name, repository, args.repository);
        this.versionTags(name, repository);
        const environments = [
            this.environment(name, repository, "staging"),
            this.environment(name, repository, "staging-soak", { waitTimer: args.soakMinutes ?? 240 }),
            this.environment(name, repository, "prod", this.approvedBy(args.repository.approverTeams)),
            ...this.fromMain(name, repository, deploymentEnvironment),
            ...this.fromMain(name, repository, rollbackEnvironment),
            ...this.fromMain(name, repository, signingEnvironment),
        ];
        const previews = (["staging", "prod"] as const).flatMap((stack) => [
            this.preview(name, args.repository, stack),
            ...this.drift(name, args.repository.platform, stack),
        ]);
        for (const [variableName, value] of Object.entries(args.variables)) {
            new github.ActionsVariable(
                `${name}-${variableName}`,
                { repository: repository.name, variableName, value },
                { parent: this },
            );
        }
        for (const [secretName, value] of Object.entries(args.secrets)) {
            new github.ActionsSecret(
                `${name}-${secretName}`,
                { repository: repository.name, secretName, value },
                { parent: this },
            );
        }
        this.repository = after(environments, repository.name);
        this.repositoryId = repository.repoId;
        this.platform = after(previews, pulumi.output(args.repository.platform));
        this.registerOutputs({ repository: this.repository, repositoryId: this.repositoryId, platform: this.platform });
    }

    /**
     * `main`, which the repository has, and `staging`, which points to what staging runs (specification, section 2). It
     * is created from `main` and moved by deployments. None of its inputs names a commit, so a move is not drift.
     */
    private branches(
        name: string,
        repository: github.Repository,
        { requiredChecks, stagingMirror }: RepositoryGovernanceArgs["repository"],
    ): void {
        const guard = { repositoryId: repository.nodeId, requiredChecks };
        new BranchGuard(`${name}-main`, { ...guard, branch: "main" }, { parent: this });
        const staging = new github.Branch(
            `${name}-staging`,
            { repository: repository.name, branch: "staging", sourceBranch: "main" },
            // It is kept with the code, which outlives the stack, to show what ran last.
            { parent: this, retainOnDelete: true },
        );
        new BranchGuard(
            `${name}-staging`,
            { ...guard, branch: "staging", mirror: stagingMirror },
            { parent: this, dependsOn: staging },
        );
    }

    /** A version tag always names the same commit (specification, stage 7). */
    private versionTags(name: string, repository: github.Repository): void {
        new github.RepositoryRuleset(
            `${name}-version-tags`,
            {
                name: "version tags can't be moved",
                repository: repository.name,
                target: "tag",
                enforcement: "active",
                conditions: { refName: { includes: ["refs/tags/v*"], excludes: [] } },
                rules: { update: true, deletion: true, nonFastForward: true },
            },
            { parent: this },
        );
    }

    private approvedBy(slugs: readonly string[]): Pick<github.RepositoryEnvironmentArgs, "reviewers"> {
        const teams = slugs.map((slug) =>
            github.getTeamOutput({ slug }, { parent: this }).apply((team) => Number(team.id)),
        );
        return teams.length > 0 ? { reviewers: [{ teams }] } : {};
    }

    /**
     * The environment in which pull requests to this program are previewed for one stack, from any branch. Their code runs
     * with a role that can decrypt the stack's secrets, so a second person must approve it first, not the author or the
     * pusher.
     */
    private preview(
        name: string,
        { approverTeams, platform }: RepositoryGovernanceArgs["repository"],
        stack: "staging" | "prod",
    ): github.RepositoryEnvironment {
        return new github.RepositoryEnvironment(
            `${name}-${previewEnvironment(stack)}`,
            {
                repository: platform,
                environment: previewEnvironment(stack),
                canAdminsBypass: false,
                preventSelfReview: true,
                ...this.approvedBy(approverTeams),
            },
            { parent: this },
        );
    }

    /** The environment in which the platform's own `main` looks for drift: its role can change nothing, so no one approves. */
    private drift(name: string, platform: string, stack: "staging" | "prod"): pulumi.Resource[] {
        const environment = new github.RepositoryEnvironment(
            `${name}-${driftEnvironment(stack)}`,
            {
                repository: platform,
                environment: driftEnvironment(stack),
                canAdminsBypass: false,
                deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
            },
            { parent: this },
        );
        const policy = new github.RepositoryEnvironmentDeploymentPolicy(
            `${name}-${driftEnvironment(stack)}-main`,
            { repository: platform, environment: environment.environment, branchPattern: "main" },
            { parent: this },
        );
        return [environment, policy];
    }

    private environment(
        name: string,
        repository: github.Repository,
        environment: "staging" | "staging-soak" | "prod" | EnvironmentOfMain,
        conditions: Pick<github.RepositoryEnvironmentArgs, "deploymentBranchPolicy" | "reviewers" | "waitTimer"> = {},
    ): github.RepositoryEnvironment {
        return new github.RepositoryEnvironment(
            `${name}-${environment}`,
            {
                repository: repository.name,
                environment: githubEnvironment(environment),
                canAdminsBypass: false,
                preventSelfReview: true,
                deploymentBranchPolicy: { protectedBranches: true, customBranchPolicies: false },
                ...conditions,
            },
            { parent: this },
        );
    }

    /**
     * An environment without an approver, for `main` only: the mirror's actor may have moved `staging` without a review.
     * Production is updated in one, once a job in `production` has been approved, and rolled back in one (specification,
     * section 7); evidence is signed in one.
     */
    private fromMain(name: string, repository: github.Repository, named: EnvironmentOfMain): pulumi.Resource[] {
        const environment = this.environment(name, repository, named, {
            deploymentBranchPolicy: { protectedBranches: false, customBranchPolicies: true },
        });
        const policy = new github.RepositoryEnvironmentDeploymentPolicy(
            `${name}-${named}-main`,
            { repository: repository.name, environment: environment.environment, branchPattern: "main" },
            { parent: this },
        );
        return [environment, policy];
    }
}

type EnvironmentOfMain = typeof deploymentEnvironment | typeof rollbackEnvironment | typeof signingEnvironment;
