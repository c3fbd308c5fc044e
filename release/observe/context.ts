import { namespaceName } from "../../delivery/core/names";
import { stricterLimits, type Limits } from "../../delivery/gates";
import type { Predicate, PredicateName } from "../../delivery/evidence/predicates";
import { stackContext } from "../../settings/stack-values";
import type { ReleaseFile } from "../collect";
import type { KeyRing } from "../../delivery/evidence/keys";
import type { SigningOptions } from "../shared/signer";
import { trustedRing } from "../shared/trusted-keys";
import { Cluster } from "./cluster";

/** The options of all `release observe …` commands together. Each command has some of them. */
export interface ObserveOptions extends SigningOptions {
    readonly release: string;
    readonly out: string;
    readonly stack: "staging" | "prod";
    readonly context?: string;
    readonly namespace?: string;
    readonly prometheus: string;
    readonly limits?: Readonly<Record<string, unknown>>;
    readonly json?: true;
    readonly service: string;
    readonly junit: string;
    readonly keys?: string;
    readonly file?: string;
    readonly repository?: string;
    readonly pullRequest?: number;
    readonly run?: number;
    /** Decisions of earlier attempts of the run, as JSON. */
    readonly earlier: string;
    /** GitHub login by e-mail address. */
    readonly author: Readonly<Record<string, string>>;
    /** Seconds between two polls. */
    readonly interval: number;
    /** Seconds. */
    readonly timeout: number;
    readonly minimumRequests: number;
}

/** The evidence that an observation produced. */
export interface ObservationResult<Name extends PredicateName = PredicateName> {
    readonly name: Name;
    readonly predicate: Predicate<Name>;
    /** Why the command exits with 1 although it writes evidence: the evidence is of a failure. */
    readonly failure?: string | undefined;
}

/** What every observation gets: the options, the release, and access to the stack's cluster. */
export class ObserveContext {
    readonly limits: Limits;

    constructor(
        readonly options: ObserveOptions,
        readonly release: ReleaseFile,
    ) {
        this.limits = stricterLimits(options.limits);
    }

    get namespace(): string {
        return this.options.namespace ?? namespaceName(this.options.stack);
    }

    /** The stack's cluster: `--context`, or else the kubeconfig context that the stack's settings name. */
    async cluster(): Promise<Cluster> {
        return Cluster.of(this.namespace, this.options.context ?? stackContext(this.options.stack));
    }

    /** The keys whose evidence of the deployment counts: those of `--keys`, or else those that staging's stack trusts. */
    readonly ring = (): Promise<KeyRing> => trustedRing(this.options.keys, "staging");

    /** Prints a line of progress. With `--json` it goes to standard error, because standard output is for machines. */
    readonly report = (line: string): void => {
        const text = `${new Date().toISOString().slice(11, 19)} ${line}`;
        if (this.options.json === true) console.error(text);
        else console.log(text);
    };
}
