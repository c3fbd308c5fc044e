import { apiServerRestarted, fullEtcd } from "./cluster";
import type { Row } from "./fault";
import { aws500, awsThrottling, awsTimeouts, expiredToken, github502, githubRateLimit } from "./http";
import { killedUpdates, twoUpdates } from "./killed";
import { changedBucket } from "./outside";
import { breached, changedSecret, missingImage, restartedTraefik, slowRegistry } from "./staging";
import { cutState, fullDisk, lostState, olderState } from "./state";

const repeated = "The update repeats them and ends well; nothing is made twice";

/** Every fault that the platform makes a promise about. */
export const rows: readonly Row[] = [
    {
        name: "aws-500",
        fault: "AWS answers 60 requests in a row with 500",
        where: "AWS, in a first update",
        promise: repeated,
        on: "account",
        run: aws500,
    },
    {
        name: "aws-throttling",
        fault: "AWS refuses every third request, since there are too many",
        where: "AWS, in a first update",
        promise: repeated,
        on: "account",
        run: awsThrottling,
    },
    {
        name: "aws-timeout",
        fault: "AWS is silent for 10 s and then cuts the connection",
        where: "AWS, in a first update",
        promise: repeated,
        on: "account",
        run: awsTimeouts,
    },
    {
        name: "github-502",
        fault: "GitHub answers every fourth request with 502",
        where: "GitHub, in a first update",
        promise: repeated,
        on: "account",
        run: github502,
    },
    {
        name: "github-rate-limit",
        fault: "GitHub refuses requests by its secondary rate limit",
        where: "GitHub, in a first update",
        promise: "The update waits as long as GitHub says, repeats them and ends well",
        on: "account",
        run: githubRateLimit,
    },
    {
        name: "github-expired-token",
        fault: "The token has expired before an update, or expires within one",
        where: "GitHub",
        promise: "Refused in one sentence with nothing touched; with another token one update makes the rest",
        on: "account",
        run: expiredToken,
    },
    {
        name: "api-server-restart",
        fault: "The API server is killed, and starts again 5 s later",
        where: "the cluster, in a first update",
        promise: "One update converges",
        on: "account",
        run: apiServerRestarted,
    },
    {
        name: "etcd-full",
        fault: "etcd has no space left",
        where: "the cluster, in an update",
        promise: "The update fails in etcd's words; with space, one update converges",
        on: "account",
        run: fullEtcd,
    },
    {
        name: "two-updates",
        fault: "Two updates begin at the same time",
        where: "the state, in a first update",
        promise: "One is refused with who holds the lock; the other ends well",
        on: "account",
        run: twoUpdates,
    },
    {
        name: "killed",
        fault: "pulumi up is killed, with its plug-ins, at twenty moments",
        where: "the runner, in a first update",
        promise: "With the commands of the runbook one update converges; nothing is made twice or left over",
        on: "account",
        run: killedUpdates,
    },
    {
        name: "state-cut",
        fault: "The state file is cut to half of its length",
        where: "the state",
        promise: "Refused with nothing touched; with the newest copy one update converges",
        on: "account",
        run: cutState,
    },
    {
        name: "state-lost",
        fault: "The state file is gone",
        where: "the state",
        promise: "Refused with nothing touched; with the newest copy one update converges",
        on: "account",
        run: lostState,
    },
    {
        name: "state-older",
        fault: "The state file is from before the last update",
        where: "the state",
        promise: "One update with --refresh converges",
        on: "account",
        run: olderState,
    },
    {
        name: "state-disk-full",
        fault: "The disk under the state is full",
        where: "the state, in an update",
        promise: "The update fails and says so; with space, one update converges",
        on: "account",
        run: fullDisk,
    },
    {
        name: "bucket-changed",
        fault: "Someone removes the evidence bucket's policy and access block, and suspends its versioning",
        where: "AWS S3",
        promise: "A preview names the bucket; one update puts them back",
        on: "account",
        run: changedBucket,
    },
    {
        name: "image-missing",
        fault: "The images of a release can't be pulled",
        where: "staging, in a release",
        promise: "The update fails and says which image; once it is there, one update converges; no request fails",
        on: "staging",
        run: missingImage,
    },
    {
        name: "registry-slow",
        fault: "The registry gives 300 kB a second",
        where: "staging, in a release",
        promise: "The update waits and ends well; no request fails",
        on: "staging",
        run: slowRegistry,
    },
    {
        name: "traefik-restart",
        fault: "Traefik's pods are replaced one after the other",
        where: "staging, under 50 requests a second",
        promise: "At most the requests of one second fail",
        on: "staging",
        run: restartedTraefik,
    },
    {
        name: "secret-changed",
        fault: "Someone puts another value into the secret store, twice",
        where: "AWS Secrets Manager, in staging",
        promise:
            "Preview and `release status` name the secret, not its value; one update brings the pods the newest value, and none writes an older one back; no request fails",
        on: "staging",
        run: changedSecret,
    },
    {
        name: "security-breach",
        fault: "A release has leaked the credentials",
        where: "staging",
        promise:
            "`release rollback --scenario security-breach` keeps both limits of the decision matrix, the old password is refused, no request fails",
        on: "staging",
        run: breached,
    },
    {
        name: "prometheus-history",
        fault: "Prometheus has no samples of some time, as after a restart without its disk",
        where: "staging's soak",
        promise: "A soak is never longer than what was measured",
        test: {
            file: "test/release/observe/soak.integration.test.ts",
            title: "should end a stretch at a gap in the samples, but not at a single lost scrape",
            holds: "The soak ended at the gap and began again after it.",
        },
    },
    {
        name: "prometheus-gone",
        fault: "Prometheus is gone in the canary",
        where: "production, under load",
        promise: "The release is held, then aborted, and never promoted; no request fails",
        test: {
            file: "test/end-to-end/6-production.test.ts",
            title: "should pause, then abort, a release when Prometheus is gone",
            holds: "Held, then aborted; no request failed.",
        },
    },
    {
        name: "leader-lost",
        fault: "The leader of Argo Rollouts is killed in the canary, after pulumi up was interrupted",
        where: "production, under load",
        promise: "Another pod goes on; one update follows the release to its end; no request fails",
        test: {
            file: "test/end-to-end/6-production.test.ts",
            title: "should recover from a failure, even when pulumi is interrupted and the controller's leader is killed",
            holds: "The release went on and ended well; no request failed.",
        },
    },
    {
        name: "clock-runner",
        fault: "The clock of a runner that signs is ahead, by a minute and by more",
        where: "evidence",
        promise: "A minute is accepted; beyond it, the gate refuses the evidence and says by how much",
        test: {
            file: "test/delivery/gates/deciding.test.ts",
            title: "should not be measured after it was issued",
            holds: "Refused as from the future, with the moment and how far away it is.",
        },
    },
    {
        name: "clock-pod",
        fault: "The clock of Prometheus differs from the runner's",
        where: "staging's soak",
        promise: "No soak is attested",
        test: {
            file: "test/release/observe/soak.integration.test.ts",
            title: "should attest nothing when the clocks differ or when another program than Prometheus answers",
            holds: "Nothing was attested.",
        },
    },
    {
        name: "node-lost",
        fault: "A node is lost while both colours run",
        where: "production",
        promise: "The other nodes' pods serve; the disruption budgets and spread keep one of each colour",
        cannot: {
            reason: "The sandbox has one node, and with it the whole cluster would go.",
            evidence:
                "In its place the drills `good`, `crash-at-half` and `crash-at-full` evict a pod of each colour and kill all of one.",
        },
    },
    {
        name: "node-disk-full",
        fault: "The disk of the node is full",
        where: "the cluster",
        promise: "The kubelet evicts pods until there is space, and they come back",
        cannot: {
            reason: "containerd and the kubelet share the machine's disk, which other programs need.",
            evidence: "What a full disk does to etcd and to the state is caused by `etcd-full` and `state-disk-full`.",
        },
    },
];
