import * as assert from "node:assert/strict";
import { form, own, play, pullRequest, push, repositoryOf, resultsOf, unindented } from "./support";

const platform = "relaypacs/platform";
const file = ".github/workflows/called.yml";

const called = unindented(`
    on:
      workflow_call:
        inputs:
          stack: {type: string, required: true}
          hotfix: {type: boolean, default: false}
          count: {type: number}
        secrets: {HOOK: {required: true}}
        outputs: {said: {value: "\${{ jobs.inner.outputs.said }}"}}
    permissions: {}
    env: {OWN: called}
    jobs:
      inner:
        if: \${{ inputs.stack == 'staging' && !inputs.hotfix }}
        permissions: {contents: read}
        runs-on: x
        outputs: {said: "\${{ steps.say.outputs.said }}"}
        steps:
          - id: say
            run: |
              echo "said=$STACK $COUNT" >> "$GITHUB_OUTPUT"
              echo "$HOOK $OWN $FROM $GITHUB_REPOSITORY $FILE $SHA"
            env:
              STACK: \${{ inputs.stack }}
              COUNT: \${{ inputs.count }}
              HOOK: \${{ secrets.HOOK == 'sesame' }}
              FROM: \${{ env.FROM }}-
              FILE: \${{ job.workflow_repository }}/\${{ job.workflow_file_path }}
              SHA: \${{ job.workflow_sha }}
      fails: {if: inputs.stack == 'broken', runs-on: x, steps: [{run: "false"}]}`);

const others = { [platform]: repositoryOf({ [file]: called }) };

const caller = (given: string, permissions = "contents: read") => `
on: push
permissions: {}
env: {FROM: caller}
jobs:
  call:
    permissions: {${permissions}}
    uses: ${platform}/${file}@${"e".repeat(40)}
    ${given}
  after: {needs: call, runs-on: x, steps: [{run: 'echo "after $SAID"', env: {SAID: "\${{ needs.call.outputs.said }}"}}]}`;

const settings = { secrets: { HOOK: "sesame", OTHER: "other" } };
const hook = 'secrets: {HOOK: "${{ secrets.HOOK }}"}';

describe("Called workflows of the sandbox's runner", () => {
    it("should get typed inputs and named secrets, and answer outputs", async () => {
        const { run, lines } = await play(caller(`with: {stack: staging}\n    ${hook}`), push, { settings, others });
        assert.deepEqual(lines, [
            `call / inner: true called - ${own} ${platform}/${file} ${"e".repeat(40)}`,
            "after: after staging 0",
        ]);
        assert.deepEqual(resultsOf(run), {
            "call / fails": "skipped",
            "call / inner": "success",
            call: "success",
            after: "success",
        });
    });

    it("should find their actions by $/ in their own repository and commit, without a checkout", async () => {
        const action = `
            name: Greet
            description: Prints its commit
            runs: {using: composite, steps: [{shell: bash, run: 'echo "$(cat "$GITHUB_ACTION_PATH/../../../commit")"'}]}`;
        const withAction = repositoryOf({
            [file]: unindented(`
                on: workflow_call
                jobs: {greets: {runs-on: x, steps: [{uses: $/.github/actions/greet}, {run: ls}]}}`),
            ".github/actions/greet/action.yml": unindented(action),
        });
        const { run, lines } = await play(caller("secrets: {}"), push, {
            settings,
            others: { [platform]: withAction },
        });
        assert.deepEqual(lines, [`call / greets: ${"e".repeat(40)}`, "after: after "]);
        assert.equal(resultsOf(run)["call / greets"], "success");
        const missing = repositoryOf({
            [file]: "on: workflow_call\njobs: {greets: {runs-on: x, steps: [{uses: $/.github/actions/absent}]}}",
        });
        const without = await play(caller("secrets: {}"), push, { settings, others: { [platform]: missing } });
        assert.match(without.lines.join("\n"), /Can't find 'action\.yml' under '\$\/\.github\/actions\/absent'/);
        assert.equal(resultsOf(without.run)["call / greets"], "failure");
    });

    it("should fail with any of their jobs, and count as skipped when all are", async () => {
        const broken = await play(caller(`with: {stack: broken}\n    ${hook}`), push, { settings, others });
        assert.deepEqual(resultsOf(broken.run), {
            "call / inner": "skipped",
            "call / fails": "failure",
            call: "failure",
            after: "skipped",
        });
        const none = await play(caller(`with: {stack: prod}\n    ${hook}`), push, { settings, others });
        assert.equal(resultsOf(none.run).call, "skipped");
    });

    it("should not start with what GitHub refuses", async () => {
        const problem = async (given: string, permissions?: string) => {
            const { run } = await play(caller(given, permissions), push, { settings, others });
            assert.equal(run.conclusion, "startup_failure");
            assert.equal(run.jobs.size, 0);
            return run.problem;
        };
        const uses = `${platform}/${file}@${"e".repeat(40)}`;
        const where = ".github/workflows/main.yml, job call,";
        assert.equal(
            await problem(`with: {stack: a, no: b}\n    ${hook}`),
            `${where} gives ${uses} "no", which it does not accept.`,
        );
        assert.equal(await problem(hook), `${where} gives ${uses} no "stack", which it requires.`);
        assert.equal(await problem("with: {stack: a}"), `${where} gives ${uses} no "HOOK", which it requires.`);
        assert.equal(
            await problem(`with: {stack: staging}\n    ${hook}`, "actions: write"),
            `${file}, job inner, is requesting 'contents: read', but is only allowed 'contents: none'.`,
        );
    });

    it("should refuse a value of another type", async () => {
        const { run } = await play(caller(`with: {stack: staging, hotfix: "maybe"}\n    ${hook}`), push, {
            settings,
            others,
        });
        assert.equal(run.conclusion, "failure");
        assert.match(run.jobs.get("call")!.reason!, /^The input "hotfix" of .* is "maybe"; accepted: true, false\.$/);
    });

    it("should have the inputs of a form, with booleans and choices", async () => {
        const text = `
            on:
              workflow_dispatch:
                inputs:
                  environment: {type: choice, options: [staging, prod], required: true}
                  rehearse: {type: boolean, default: false}
            permissions: {}
            jobs: {a: {runs-on: x, steps: [{run: 'echo "$A"', env: {A: "\${{ inputs.environment }} \${{ inputs.rehearse == false }} \${{ github.event.inputs.environment }}"}}]}}`;
        assert.deepEqual((await play(text, form({ environment: "prod" }))).lines, ["a: prod true prod"]);
        const refused = (inputs: Record<string, unknown>) => play(text, form(inputs)).then(({ run }) => run.problem);
        assert.equal(
            await refused({ environment: "test" }),
            'The input "environment" of .github/workflows/main.yml is "test"; accepted: staging, prod.',
        );
        assert.equal(await refused({}), '.github/workflows/main.yml needs the input "environment".');
        assert.equal(
            await refused({ environment: "prod", more: 1 }),
            '.github/workflows/main.yml has no input "more".',
        );
    });

    it("should have no secrets and no rights to write on pull requests of forks, and of Dependabot no secrets", async () => {
        const text = `
            on: [push, pull_request]
            permissions: {}
            jobs:
              a:
                permissions: {contents: write, id-token: write}
                environment: staging
                runs-on: x
                steps:
                  - run: echo "$KEY"
                    env: {KEY: "\${{ secrets.KEY == 'sesame' }} \${{ secrets.OWN == 'own' }}"}
                  - uses: actions/checkout@v6
                  - uses: aws-actions/configure-aws-credentials@v6
                    with: {role-to-assume: role, aws-region: us-east-1}
                  - run: echo "$AWS_ACCESS_KEY_ID"`;
        const world = {
            settings: { secrets: { KEY: "sesame" }, environments: { staging: { secrets: { OWN: "own" } } } },
            assumeRole: () => Promise.resolve({ AWS_ACCESS_KEY_ID: "granted" }),
        };
        assert.deepEqual((await play(text, push, world)).lines, ["a: true true", "a: granted"]);
        assert.deepEqual((await play(text, pullRequest("stranger/gateway"), world)).lines, [
            "a: false false",
            "a: error: Credentials could not be loaded, please check your action inputs",
        ]);
        const ofDependabot = { ...pullRequest(), actor: "dependabot[bot]" };
        assert.deepEqual((await play(text, ofDependabot, world)).lines, ["a: false false", "a: granted"]);
        assert.deepEqual((await play(text, pullRequest(), world)).lines, ["a: true true", "a: granted"]);
    });
});
