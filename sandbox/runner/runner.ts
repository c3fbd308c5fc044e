import { runsOn, type TriggerEvent } from "./repository";
import { Run } from "./run";
import { Shared, type RunnerOptions } from "./shared";

/** Runs workflows on this machine. Runs of one runner share its concurrency groups. */
export class Runner {
    private readonly shared: Shared;
    private runs = 0;

    constructor(options: RunnerOptions) {
        this.shared = new Shared(options);
    }

    /**
     * Starts the run of a workflow. Answers nothing when the event does not start it.
     *
     * @throws SandboxError when GitHub does not accept the file, or the runner does not know what it has
     */
    start(repository: string, file: string, event: TriggerEvent): Run | undefined {
        const workflow = this.shared.read({ repository, path: file, ref: event.ref, sha: event.sha });
        return runsOn(workflow, event) ? new Run(this.shared, workflow, event, ++this.runs) : undefined;
    }
}
