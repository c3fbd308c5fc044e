import { ecrLifecyclePolicyRetention } from "../../../policies/ecr/lifecycle-policy-retention";
import { ecrRepositoryCompanions } from "../../../policies/ecr/repository-companions";
import { ecrRepositoryCustomerKey } from "../../../policies/ecr/repository-customer-key";
import { ecrRepositoryForceDelete } from "../../../policies/ecr/repository-force-delete";
import { ecrRepositoryImmutableTags } from "../../../policies/ecr/repository-immutable-tags";
import { ecrRepositoryPolicyPrincipals } from "../../../policies/ecr/repository-policy-principals";
import { ecrRepositoryPrivate } from "../../../policies/ecr/repository-private";
import { ecrRepositoryScanOnPush } from "../../../policies/ecr/repository-scan-on-push";
import { aws } from "../../../policies/shared/types";
import * as fixtures from "../fixtures/aws";
import {
    accepts,
    all,
    inDocument,
    leaves,
    refuses,
    remediates,
    set,
    unchanged,
    unknownAt,
    unknownValue,
    unset,
} from "../support/cases";
import {
    acceptsStack,
    describeResourcePolicy,
    describeStackPolicy,
    of,
    refusesStack,
    together,
    unknownInStack,
    without,
} from "../support/suites";
import { outsiderCases } from "../support/outsiders";

const repository = { type: aws.ecrRepository, given: fixtures.repository };

describeResourcePolicy(ecrRepositoryImmutableTags, {
    ...repository,
    cases: [
        refuses(
            "mutable tags",
            set("imageTagMutability", "MUTABLE"),
            'imageTagMutability is "MUTABLE"; accepted: "IMMUTABLE".',
        ),
        refuses(
            "mutable tags by exclusion",
            set("imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"),
            'imageTagMutability is "IMMUTABLE_WITH_EXCLUSION"; accepted: "IMMUTABLE".',
        ),
        accepts("exclusions where the setting allows them", set("imageTagMutability", "IMMUTABLE_WITH_EXCLUSION"), {
            settings: { allowExclusions: true },
        }),
        refuses(
            "mutable tags where the setting allows exclusions",
            set("imageTagMutability", "MUTABLE_WITH_EXCLUSION"),
            'imageTagMutability is "MUTABLE_WITH_EXCLUSION"; accepted: "IMMUTABLE" or "IMMUTABLE_WITH_EXCLUSION".',
            { settings: { allowExclusions: true } },
        ),
        refuses(
            "a missing value, since the default is mutable",
            unset("imageTagMutability"),
            'imageTagMutability is not set; accepted: "IMMUTABLE".',
        ),
        unknownAt("imageTagMutability"),
    ],
});

describeResourcePolicy(ecrRepositoryScanOnPush, {
    ...repository,
    cases: [
        refuses(
            "scans that are off",
            set("imageScanningConfiguration.scanOnPush", false),
            "imageScanningConfiguration.scanOnPush is false; accepted: true.",
        ),
        refuses(
            "a missing scan configuration",
            unset("imageScanningConfiguration"),
            "imageScanningConfiguration.scanOnPush is not set; accepted: true.",
        ),
        unknownAt("imageScanningConfiguration.scanOnPush"),
        remediates("scans that are off", set("imageScanningConfiguration.scanOnPush", false)),
        remediates("a missing scan configuration", unset("imageScanningConfiguration")),
        leaves("scans that are on", unchanged),
    ],
});

describeResourcePolicy(ecrRepositoryCustomerKey, {
    ...repository,
    cases: [
        refuses("encryption with AES256", set("encryptionConfigurations.0.encryptionType", "AES256"), [
            'encryptionConfigurations[0].encryptionType is "AES256"; accepted: "KMS" or "KMS_DSSE".',
        ]),
        accepts("dual-layer encryption", set("encryptionConfigurations.0.encryptionType", "KMS_DSSE")),
        refuses(
            "AWS's own key",
            unset("encryptionConfigurations.0.kmsKey"),
            "encryptionConfigurations[0].kmsKey is not set; accepted: the ARN of a customer managed key.",
        ),
        refuses("a missing encryption configuration", unset("encryptionConfigurations"), [
            'encryptionConfigurations[0].encryptionType is not set; accepted: "KMS" or "KMS_DSSE".',
            "encryptionConfigurations[0].kmsKey is not set; accepted: the ARN of a customer managed key.",
        ]),
        unknownAt("encryptionConfigurations.0.kmsKey"),
    ],
});

describeResourcePolicy(ecrRepositoryForceDelete, {
    ...repository,
    cases: [
        refuses("deletion with images", set("forceDelete", true), [
            "forceDelete is true; accepted: false, outside the stacks [].",
        ]),
        refuses(
            "deletion in a stack that is not listed",
            set("forceDelete", true),
            'forceDelete is true; accepted: false, outside the stacks ["sandbox"].',
            { stack: "prod", settings: { stacks: ["sandbox"] } },
        ),
        accepts("deletion in a stack that is listed", set("forceDelete", true), {
            stack: "sandbox",
            settings: { stacks: ["sandbox"] },
        }),
        accepts("forceDelete set to false", set("forceDelete", false)),
        unknownAt("forceDelete"),
    ],
});

const untagged = "rules.0.selection.countNumber";
const tagged = "rules.1.selection.countNumber";
const rule = (path: string, value: unknown) => inDocument("policy", set(path, value));
const untaggedAccepted = "a rule that expires untagged images at most 14 days after the push.";

describeResourcePolicy(ecrLifecyclePolicyRetention, {
    type: aws.ecrLifecyclePolicy,
    given: fixtures.lifecyclePolicy,
    cases: [
        accepts("untagged images that expire after one day", rule(untagged, 1)),
        refuses(
            "untagged images that expire one day too late",
            rule(untagged, 15),
            `policy expires untagged images after 15 days; accepted: ${untaggedAccepted}`,
        ),
        refuses(
            "untagged images that expire after zero days",
            rule(untagged, 0),
            `policy expires untagged images after 0 days; accepted: ${untaggedAccepted}`,
        ),
        accepts("15 days where the setting allows them", rule(untagged, 15), { settings: { maximumUntaggedDays: 15 } }),
        refuses(
            "untagged images that expire by count",
            rule("rules.0.selection.countType", "imageCountMoreThan"),
            `policy has no rule for untagged images; accepted: ${untaggedAccepted}`,
        ),
        refuses(
            "a policy without a rule for untagged images",
            inDocument("policy", unset("rules.0")),
            `policy has no rule for untagged images; accepted: ${untaggedAccepted}`,
        ),
        refuses("a rule that keeps nine releases", rule(tagged, 9), [
            'policy rule 2 for tagged images: countNumber is 9; accepted: countType "imageCountMoreThan" with countNumber at least 10.',
        ]),
        accepts("nine releases where the setting allows them", rule(tagged, 9), { settings: { minimumReleases: 9 } }),
        refuses("releases that expire by age", rule("rules.1.selection.countType", "sinceImagePushed"), [
            'policy rule 2 for tagged images: countType is "sinceImagePushed"; accepted: countType "imageCountMoreThan" with countNumber at least 10.',
        ]),
        refuses(
            "a rule for any image that expires by age",
            all(rule("rules.1.selection.tagStatus", "any"), rule("rules.1.selection.countType", "sinceImagePulled")),
            'policy rule 2 for tagged images: countType is "sinceImagePulled"; accepted: countType "imageCountMoreThan" with countNumber at least 10.',
        ),
        accepts(
            "a rule that protects one tag",
            all(rule("rules.1.selection.tagPatternList", ["v1.4.2"]), rule(tagged, 1)),
        ),
        refuses(
            "a rule that keeps one of two tags",
            all(rule("rules.1.selection.tagPatternList", ["v1.4.2", "v1.4.1"]), rule(tagged, 1)),
            'policy rule 2 for tagged images: countNumber is 1; accepted: countType "imageCountMoreThan" with countNumber at least 10.',
        ),
        refuses(
            "a rule that keeps one image of a tag pattern",
            all(rule("rules.1.selection.tagPatternList", ["v1.4.*"]), rule(tagged, 1)),
            'policy rule 2 for tagged images: countNumber is 1; accepted: countType "imageCountMoreThan" with countNumber at least 10.',
        ),
        accepts("a policy without a rule for tagged images", inDocument("policy", unset("rules.1"))),
        accepts("a lifecycle policy given as an object", (properties) => {
            properties.policy = JSON.parse(properties.policy as string);
        }),
        refuses(
            "a policy that is not valid JSON",
            set("policy", "{"),
            'policy is not an ECR lifecycle policy; accepted: a JSON object with a list "rules".',
        ),
        refuses(
            "a missing policy",
            unset("policy"),
            'policy is not an ECR lifecycle policy; accepted: a JSON object with a list "rules".',
        ),
        unknownAt("policy"),
    ],
});

describeResourcePolicy(ecrRepositoryPolicyPrincipals, {
    type: aws.ecrRepositoryPolicy,
    given: fixtures.repositoryPolicy,
    cases: outsiderCases("policy"),
});

describeResourcePolicy(ecrRepositoryPrivate, {
    type: aws.ecrPublicRepository,
    cases: [
        refuses(
            "a public repository",
            set("repositoryName", "gateway"),
            'the public repository is "gateway"; accepted: a private one (aws.ecr.Repository).',
        ),
        unknownAt("repositoryName"),
    ],
});

const repositories = {
    backend: { type: aws.ecrRepository, properties: fixtures.repository },
    lifecycle: { type: aws.ecrLifecyclePolicy, properties: fixtures.lifecyclePolicy },
    policy: { type: aws.ecrRepositoryPolicy, properties: fixtures.repositoryPolicy },
};

describeStackPolicy(ecrRepositoryCompanions, {
    given: repositories,
    cases: [
        refusesStack(
            "a repository without a lifecycle policy",
            without("lifecycle"),
            "backend has no lifecycle policy (aws.ecr.LifecyclePolicy); accepted: at least one, in the same stack.",
            { on: "backend" },
        ),
        refusesStack(
            "a repository without a repository policy",
            without("policy"),
            "backend has no repository policy (aws.ecr.RepositoryPolicy); accepted: at least one, in the same stack.",
            { on: "backend" },
        ),
        refusesStack(
            "a repository policy of another repository",
            of("policy", set("repository", "relaypacs/frontend")),
            ["backend has no repository policy (aws.ecr.RepositoryPolicy); accepted: at least one, in the same stack."],
        ),
        acceptsStack("companions that are linked by dependency alone", (stack) => {
            for (const name of ["lifecycle", "policy"]) {
                stack[name]!.properties.repository = unknownValue;
                stack[name] = { ...stack[name]!, dependencies: { repository: ["backend"] } };
            }
        }),
        unknownInStack(
            "the repository of a companion is not known yet",
            together(without("lifecycle"), of("policy", set("repository", unknownValue))),
            "repository",
            "backend has no lifecycle policy (aws.ecr.LifecyclePolicy); accepted: at least one, in the same stack.",
        ),
    ],
});
