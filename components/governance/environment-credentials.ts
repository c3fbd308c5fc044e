import * as github from "@pulumi/github";
import * as pulumi from "@pulumi/pulumi";
import { githubEnvironment } from "../../delivery/core/names";

export interface EnvironmentCredentialsArgs {
    readonly repository: pulumi.Input<string>;
    /** The name of a stack, which stands for its GitHub environment, or of a GitHub environment. */
    readonly environment: string;
    /** Actions variables of this environment, by name. */
    readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
    /** Actions secrets of this environment, by name. */
    readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Variables and secrets of one GitHub environment; runs in other environments can't read them (specification, section 8). */
export class EnvironmentCredentials extends pulumi.ComponentResource {
    constructor(name: string, args: EnvironmentCredentialsArgs, options?: pulumi.ComponentResourceOptions) {
        super("relaypacs:governance:EnvironmentCredentials", name, {}, options);
        const place = { repository: args.repository, environment: githubEnvironment(args.environment) };
        for (const [variableName, value] of Object.entries(args.variables)) {
            new github.ActionsEnvironmentVariable(
                `${name}-${variableName}`,
                { ...place, variableName, value },
                { parent: this },
            );
        }
        for (const [secretName, value] of Object.entries(args.secrets)) {
            new github.ActionsEnvironmentSecret(
                `${name}-${secretName}`,
                { ...place, secretName, value },
                { parent: this },
            );
        }
        this.registerOutputs();
    }
}
