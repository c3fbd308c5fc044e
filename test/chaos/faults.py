"""A fault on the way to AWS or GitHub, for mitmproxy: some of the requests get an answer that the servers did not give.

Set by `--set name=value`. Each request that meets the fault is one line of JSON in `fault_log`.
"""

import asyncio
import json
import re
import time

from mitmproxy import ctx, http


class Fault:
    def __init__(self):
        self.matching = 0
        self.injected = 0

    def load(self, loader):
        loader.add_option("fault_answers", str, "{}", "Answers by protocol, each with status, headers and body")
        loader.add_option("fault_match", str, ".", "Which requests: a pattern of METHOD URL TARGET")
        loader.add_option("fault_every", int, 1, "Of the matching ones, each n-th")
        loader.add_option("fault_first", int, 1, "The first of the matching ones that may meet it")
        loader.add_option("fault_times", int, 1_000_000, "How many meet it at most")
        loader.add_option("fault_delay", int, 0, "Seconds of silence after which the connection is cut, with no answer")
        loader.add_option("fault_log", str, "", "File for what met it")

    async def request(self, flow):
        if flow.request.headers.pop("x-without-fault", None):
            return
        # AWS's JSON and query protocols name the operation in a header or the body.
        target = flow.request.headers.get("x-amz-target", "")
        text = f"{flow.request.method} {flow.request.pretty_url} {target}"
        if not re.search(ctx.options.fault_match, text):
            return
        self.matching += 1
        at = self.matching - ctx.options.fault_first
        if at < 0 or at % ctx.options.fault_every != 0 or self.injected >= ctx.options.fault_times:
            return
        self.injected += 1
        with open(ctx.options.fault_log, "a") as log:
            print(json.dumps({"at": time.time(), "request": text}), file=log)
        if ctx.options.fault_delay > 0:
            await asyncio.sleep(ctx.options.fault_delay)
            flow.kill()
            return
        answers = json.loads(ctx.options.fault_answers)
        protocol = "json" if target else "s3" if is_s3(flow.request.pretty_host) else "other"
        answer = answers.get(protocol, answers["other"])
        # What follows the answer to HEAD on the same connection would be taken for the next answer.
        body = "" if flow.request.method == "HEAD" else answer["body"]
        flow.response = http.Response.make(answer["status"], body, answer["headers"])


def is_s3(host):
    return re.search(r"(^|\.)s3[.-]", host) is not None


addons = [Fault()]
