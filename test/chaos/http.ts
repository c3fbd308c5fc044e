/** Faults of the servers on the way to a first update, when everything is being made. */
import * as assert from "node:assert/strict";
import { assertFailedWith, assertSucceeded, oneUpdate, timed, type Seen } from "./fault";
import type { Ground } from "./ground";
import type { Answers, HttpFault, Server } from "./proxy";

/** An error as each of AWS's protocols says it. */
const awsError = (
    message: string,
    { json, s3, other }: Readonly<Record<"json" | "s3" | "other", { readonly status: number; readonly code: string }>>,
): Answers => {
    const xml = { "content-type": "text/xml" };
    const inside = ({ code }: { readonly code: string }) => `<Code>${code}</Code><Message>${message}</Message>`;
    const id = "<RequestId>chaos</RequestId>";
    return {
        json: {
            status: json.status,
            headers: { "content-type": "application/x-amz-json-1.1" },
            body: JSON.stringify({ __type: json.code, message }),
        },
        s3: { status: s3.status, headers: xml, body: `<Error>${inside(s3)}${id}</Error>` },
        other: {
            status: other.status,
            headers: xml,
            body: `<ErrorResponse><Error><Type>Sender</Type>${inside(other)}</Error>${id}</ErrorResponse>`,
        },
    };
};

const gitHubError = (
    status: number,
    message: string,
    { url = "https://docs.github.com/rest", ...headers }: Readonly<Record<string, string>> = {},
): Answers => ({
    other: {
        status,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ message, documentation_url: url }),
    },
});

const faults = {
    // Past the question whose credentials these are, an outage of some seconds.
    aws500: {
        answers: awsError("An internal error has occurred.", {
            json: { status: 500, code: "InternalFailure" },
            s3: { status: 500, code: "InternalError" },
            other: { status: 500, code: "InternalFailure" },
        }),
        first: 20,
        times: 60,
    },
    awsThrottling: {
        answers: awsError("Rate exceeded", {
            json: { status: 400, code: "ThrottlingException" },
            s3: { status: 503, code: "SlowDown" },
            other: { status: 400, code: "Throttling" },
        }),
        every: 3,
    },
    awsTimeouts: { silentSeconds: 10, first: 20, times: 8 },
    github502: {
        answers: {
            other: {
                status: 502,
                headers: { "content-type": "text/html" },
                body: "<html>502 Bad Gateway</html>",
            },
        },
        every: 4,
    },
    // GitHub's own words, by which clients know it, and the seconds that they should wait.
    githubRateLimit: {
        answers: gitHubError(
            403,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            {
                url: "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits",
                "retry-after": "2",
            },
        ),
        every: 9,
        first: 5,
        times: 8,
    },
    expiredToken: { answers: gitHubError(401, "Bad credentials") },
} satisfies Readonly<Record<string, HttpFault>>;

/** A first update during a fault that passes: it repeats the requests, and ends well by itself. */
async function passes(ground: Ground, server: Server, fault: HttpFault): Promise<Seen> {
    await ground.reset();
    await ground.inject(server, fault);
    const all = await timed(async () => {
        assertSucceeded(await ground.up());
    });
    const count = ground.met(server);
    assert.ok(count > 0, "no request has met the fault");
    await ground.lift();
    const seconds = await oneUpdate(ground);
    return {
        seen: `The first update repeated ${count} requests and ended well after ${Math.round(all)} s; another changed nothing.`,
        recoverySeconds: seconds,
    };
}

export const aws500 = (ground: Ground) => passes(ground, "aws", faults.aws500);
export const awsThrottling = (ground: Ground) => passes(ground, "aws", faults.awsThrottling);
export const awsTimeouts = (ground: Ground) => passes(ground, "aws", faults.awsTimeouts);
export const github502 = (ground: Ground) => passes(ground, "github", faults.github502);
export const githubRateLimit = (ground: Ground) => passes(ground, "github", faults.githubRateLimit);

/** A token that has expired before an update: nothing is touched. One that expires within: the next update goes on. */
export async function expiredToken(ground: Ground): Promise<Seen> {
    await ground.reset();
    const before = await ground.everything();
    await ground.inject("github", faults.expiredToken);
    assertFailedWith(await ground.up(), /GitHub refuses GITHUB_TOKEN \(401\)/);
    assert.deepEqual(await ground.everything(), before, "something was touched");
    await ground.lift();
    await ground.inject("github", { ...faults.expiredToken, first: 30 });
    assertFailedWith(await ground.up(), /401 Bad credentials/);
    assert.ok(ground.met("github") > 0);
    await ground.lift();
    const seconds = await oneUpdate(ground);
    return {
        seen: "Before an update: one sentence, and nothing was touched. Within one: it failed with 401, and the next update made the rest.",
        recoverySeconds: seconds,
    };
}
