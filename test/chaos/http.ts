/** Faults of the servers on the way to a first update, when everything is being made. */
import * as assert from "node:assert/strict";
import { assertFailedWith, assertSucceeded, oneUpdate, timed, type Seen } from "./fault";
import type { Ground } from "./ground";
import type { HttpFault, Server } from "./proxy";

const awsError = (code: string, message: string): Pick<HttpFault, "body" | "json" | "headers"> => ({
    headers: { "content-type": "text/xml" },
    body: `<ErrorResponse><Error><Type>Receiver</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>chaos</RequestId></ErrorResponse>`,
    json: JSON.stringify({ __type: code, message }),
});

const gitHubError = (message: string, url = "https://docs.github.com/rest") =>
    JSON.stringify({ message, documentation_url: url });

const faults = {
    // Past the question whose credentials these are, an outage of some seconds.
    aws500: { status: 500, ...awsError("InternalFailure", "An internal error has occurred."), first: 20, times: 60 },
    awsThrottling: { status: 400, ...awsError("ThrottlingException", "Rate exceeded"), every: 3 },
    awsTimeouts: { silentSeconds: 10, first: 20, times: 8 },
    github502: {
        status: 502,
        headers: { "content-type": "text/html" },
        body: "<html>502 Bad Gateway</html>",
        every: 4,
    },
    // GitHub's own words, by which clients know it, and the seconds that they should wait.
    githubRateLimit: {
        status: 403,
        headers: { "content-type": "application/json", "retry-after": "2" },
        body: gitHubError(
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits",
        ),
        every: 9,
        first: 5,
        times: 8,
    },
    expiredToken: {
        status: 401,
        headers: { "content-type": "application/json" },
        body: gitHubError("Bad credentials"),
    },
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
