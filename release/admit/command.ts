import { Command, Option } from "commander";
import { judgeRelease } from "../../delivery/gates";
import {
    addInputOptions,
    allowed,
    denied,
    endWithTwo,
    InputError,
    judging,
    readInputs,
    requestOf,
    type InputOptions,
} from "../check/input";
import { visible } from "../../delivery/core/text";
import { lacksAdmission } from "../check/wording";
import { admissionOf } from "../../delivery/gates/engine/admission-statement";
import { checkpointOf } from "../../delivery/evidence/predicates";
import { store } from "../observe/store";
import { signerOf, signingOptions, type SigningOptions } from "../shared/signer";

interface Options extends InputOptions, SigningOptions {
    readonly environment: keyof typeof checkpointOf;
    readonly out: string;
}

async function admit(options: Options, now: string): Promise<number> {
    // A key that can't sign is found out before anything is judged.
    const signer = await signerOf(options);
    if (!signer) throw new InputError("An admission counts only when it is signed; give --key or --kms-key.");
    const input = await readInputs(options, now);
    const { version } = input.release;
    const judgement = judgeRelease(input.evidence, requestOf(input, checkpointOf[options.environment]));
    if (judgement.status === "fail") {
        console.error(`Release ${version} is not admitted to ${options.environment}:`);
        const messages = judgement.outcomes.filter(({ status }) => status === "fail").map(({ message }) => message);
        const remarks = judgement.remark === undefined ? [] : [judgement.remark];
        const reasons = lacksAdmission(input.release, judgement) ? remarks : [...messages, ...remarks];
        for (const reason of reasons) console.error(`  - ${visible(reason)}`);
        return denied;
    }
    const admission = admissionOf(options.environment, judgement, input.now);
    const file = await store(options.out, "admission", admission, input.release, signer);
    console.log(
        `Release ${version} is admitted to ${options.environment}, as judged at ${admission.admittedAt}: ${file}`,
    );
    return allowed;
}

/**
 * `release admit`: states that an environment has let a release in and runs it, to be called when its deployment has
 * succeeded. The gates judge once more, so that no one's word is taken for it. Exit codes as `release check`.
 *
 * @param clock RFC 3339, UTC; for tests alone, because what is signed is never dated back
 */
export function admitCommand(clock = () => new Date().toISOString()): Command {
    const command = new Command("admit")
        .description("state that an environment runs a release which passed its gates, so that it may be applied again")
        .addOption(
            new Option("--environment <name>", "the environment that runs it")
                .choices(Object.keys(checkpointOf))
                .makeOptionMandatory(),
        )
        .requiredOption("--out <folder>", "folder to write the signed admission to")
        .addHelpText("after", "\nExit codes: 0 it is admitted, 1 it is denied, 2 it can't be judged.");
    return endWithTwo(signingOptions(addInputOptions(command))).action((options: Options) =>
        judging("release admit", () => admit(options, clock())),
    );
}
