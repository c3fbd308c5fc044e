import * as assert from "node:assert/strict";
import { stateObject } from "../../components/identity/state-access";
import { actions } from "./files";
import { run } from "./script";

const script = actions.get(".github/actions/production-version/action.yml")!.runs.steps[0]!.run!;

/** The state file of a stack with these resources (apitype.VersionedCheckpoint, version 3). */
const state = (...resources: object[]) =>
    JSON.stringify({
        version: 3,
        checkpoint: {
            stack: "organization/relaypacs/prod",
            latest: {
                manifest: {},
                secrets_providers: { type: "cloud", state: { url: "awskms://alias/relaypacs-pulumi-prod" } },
                ...(resources.length > 0 && { resources }),
            },
        },
    });
const stack = (outputs?: object) => ({
    urn: "u",
    custom: false,
    type: "pulumi:pulumi:Stack",
    ...(outputs && { outputs }),
});
const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };

/** Runs the script with a bucket that contains these objects. */
const read = (objects: Readonly<Record<string, string>>, aws = "") =>
    run(
        script,
        { AWS_REGION: "us-east-1" },
        {
            files: Object.fromEntries(Object.entries(objects).map(([key, text]) => [`bucket/${key}`, text])),
            programs: {
                aws: `${aws}
                case "$*" in
                    "sts get-caller-identity"*) echo 123456789012 ;;
                    "s3api list-objects-v2 --bucket relaypacs-pulumi-state-123456789012-us-east-1 --prefix ${stateObject("prod")} --query "*)
                        if [[ -f "bucket/${stateObject("prod")}" ]]; then echo "${stateObject("prod")}"; else echo None; fi ;;
                    "s3 cp --only-show-errors s3://relaypacs-pulumi-state-123456789012-us-east-1/${stateObject("prod")} -")
                        cat "bucket/${stateObject("prod")}" ;;
                    *) echo "unexpected: $*" >&2; exit 2 ;;
                esac`,
            },
        },
    );

describe("The action production-version", () => {
    const resources = [{ urn: "p", type: "pulumi:providers:aws", outputs: { version: "7.0.0" } }];

    it("should read the version from the stack's outputs, even with other versions and secret outputs in the state", async () => {
        const { code, text, output } = await read({
            [stateObject("prod")]: state(...resources, stack({ version: "1.4.2-g0123456", signingKeys: secret })),
        });
        assert.equal(code, 0, text);
        assert.equal(output, "version=1.4.2-g0123456");
    });

    for (const [title, objects] of [
        ["there is no state yet", {}],
        ["there is only a backup of a state", { [`${stateObject("prod")}.bak`]: state(stack({ version: "1.4.2" })) }],
        ["the stack is empty", { [stateObject("prod")]: state() }],
        ["the first update has not ended", { [stateObject("prod")]: state(...resources, stack()) }],
        ["no release has run", { [stateObject("prod")]: state(stack({ version: "none" })) }],
    ] as const)
        it(`should find no version when ${title}`, async () => {
            const { code, text, output } = await read(objects);
            assert.equal(code, 0, text);
            assert.equal(output, "version=none");
        });

    it("should fail, and not find no version, when the bucket does not answer", async () => {
        const object = { [stateObject("prod")]: state(stack({ version: "1.4.2" })) };
        for (const refused of ["sts", "s3api", "s3"]) {
            const { code, output } = await read(object, `if [[ "$1" == ${refused} ]]; then exit 254; fi`);
            assert.notEqual(code, 0, refused);
            assert.equal(output, "");
        }
    });

    for (const version of [secret, "1.4.2\nrole=other", "latest"])
        it(`should refuse the version ${JSON.stringify(version)}`, async () => {
            const { code, text, output } = await read({ [stateObject("prod")]: state(stack({ version })) });
            assert.equal(code, 1);
            assert.match(text, /::error::Production's state has the version .*it must be a version such as 1\.4\.2/s);
            assert.equal(output, "");
        });
});
