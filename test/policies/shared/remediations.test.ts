import * as assert from "node:assert/strict";
import type { Policies, ResourceValidationPolicy } from "@pulumi/policy";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { guardrails } from "../../../policies/guardrails";
import { remediateOnlyApplicable, serverOfSdk, type ServerClass } from "../../../policies/shared/remediations";

type Handlers = Parameters<ServerClass["prototype"]["addService"]>[1];

describe("Remediating only what a policy remediates", () => {
    /** What the SDK's service has become when it was added to a server. */
    function added(policies: Policies, handlers: Handlers): Handlers {
        let found: Handlers = {};
        const server: ServerClass = {
            prototype: {
                addService: (_service, given) => {
                    found = given;
                },
            },
        };
        remediateOnlyApplicable(policies, server);
        server.prototype.addService.call({}, {}, handlers);
        return found;
    }
    const sdksAnswer = new proto.RemediateResponse();
    const sdk: Handlers = {
        analyze: () => undefined,
        remediate: (_call, answer) => {
            answer(null, sdksAnswer);
        },
    };
    function answerAbout(type: string, policies: Policies = guardrails): object {
        const answers: object[] = [];
        const request = new proto.AnalyzeRequest();
        request.setType(type);
        added(policies, sdk).remediate!({ request }, (_error, response) => answers.push(response));
        assert.equal(answers.length, 1);
        return answers[0]!;
    }

    it("should say at once that nothing was changed where no policy remediates the type", () => {
        for (const type of ["aws:s3/bucket:Bucket", "unknown:index:Unknown", ""]) {
            const answer = answerAbout(type);
            assert.notEqual(answer, sdksAnswer, type);
            assert.ok(answer instanceof proto.RemediateResponse);
            assert.deepEqual(answer.getRemediationsList(), []);
        }
    });

    it("should ask the SDK about each type that some policy remediates", () => {
        const types = ["aws:kms/key:Key", "aws:ecr/repository:Repository", "kubernetes:core/v1:Secret"];
        for (const type of [...types, "kubernetes:apps/v1:Deployment", "github:index/actionsSecret:ActionsSecret"])
            assert.equal(answerAbout(type), sdksAnswer, type);
    });

    it("should ask the SDK about everything where a policy that remediates says nothing about types", () => {
        const remediates: ResourceValidationPolicy = {
            name: "remediates",
            description: "Changes a resource.",
            remediateResource: () => undefined,
        };
        assert.equal(answerAbout("unknown:index:Unknown", [...guardrails, remediates]), sdksAnswer);
    });

    it("should leave the rest of the service to the SDK, and a service without remediations as it is", () => {
        assert.equal(added(guardrails, sdk).analyze, sdk.analyze);
        const { analyze } = sdk;
        assert.deepEqual(added(guardrails, { analyze: analyze! }), { analyze });
    });

    it("should change the server that the SDK starts, and undo it", () => {
        const { prototype } = serverOfSdk();
        const { addService } = prototype;
        const takeBack = remediateOnlyApplicable(guardrails);
        assert.notEqual(prototype.addService, addService);
        takeBack();
        assert.equal(prototype.addService, addService);
    });
});
