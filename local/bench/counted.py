"""What a stack used between two moments, counted by its own records.

Requests come from the local CloudTrail, invocations and log bytes from CloudWatch Logs,
transitions from the histories of executions, credits from the stand-in's counters. What the
bench itself asks for is told apart by its credentials.
"""

import json
import re
import time
from typing import Any

import httpx

from local.bench.bill import Usage
from local.bench.live import LiveStack
from local.bench.prices import LOG_EVENT_OVERHEAD_BYTES, RECEIVES_A_BATCH, Item
from local.bench.units import request_units
from local.runtime import LocalRuntimeFault
from local.runtime.local_aws import ACCOUNT

_FUNCTIONS = "/aws/lambda/oof-local-"
_HTTP_FUNCTIONS = ("api_",)
_RECEIVES = {
    "worker_store_transactions": Item.QUEUE_RECEIVES,
    "worker_fetch_transactions": Item.QUEUE_RECEIVES,
    "worker_apply_wallet": Item.FIFO_RECEIVES,
}
_REPORT = re.compile(r"^REPORT RequestId: .*\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB")
_PAGE = 50
_MOST_EVENTS = 10_000
"""As many requests as the local CloudTrail remembers."""
_LOOKUP = {
    "x-amz-target": "CloudTrail_20131101.LookupEvents",
    "content-type": "application/x-amz-json-1.1",
    "authorization": f"AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/us-east-1/cloudtrail/"
    "aws4_request, SignedHeaders=host, Signature=none",
}


class Meter:
    """Counts what one stack uses."""

    def __init__(self, live: LiveStack) -> None:
        self._live = live
        self._running = live.running
        self._url = live.running.address.instance.aws_url
        switch = {"cloudtrail._recording_enabled": "true"}
        httpx.post(f"{self._url}/_ministack/config", json=switch).raise_for_status()
        self.restart()

    def restart(self) -> None:
        """Begin anew; the stack should be at rest."""
        # Log events are stamped in whole milliseconds.
        time.sleep(0.01)
        self._since = time.time()
        self._credits: int = self._live.upstream_counters()["credits"]

    def read(self) -> Usage:
        """What was used since the last start. Raises LocalRuntimeFault if records were lost."""
        until = time.time()
        used = self._requests(until) + self._invocations() + self._transitions()
        used[Item.UPSTREAM_CREDITS] = self._live.upstream_counters()["credits"] - self._credits
        return used

    def _requests(self, until: float) -> Usage:
        used = Usage()
        events = self._events(self._since, until)
        if len(events) >= _MOST_EVENTS:
            raise LocalRuntimeFault("more requests were made than the local AWS remembers")
        for event in events.values():
            told = json.loads(event["CloudTrailEvent"])
            service = str(event["EventSource"]).partition(".")[0]
            used += request_units(service, event["EventName"], told["requestParameters"])
        return used

    def _events(self, since: float, until: float) -> dict[str, dict[str, Any]]:
        """Requests by Lambdas in a span, by id; a full page is asked for again in halves."""
        asked = {
            "StartTime": since,
            "EndTime": until,
            "MaxResults": _PAGE,
            "LookupAttributes": [{"AttributeKey": "AccessKeyId", "AttributeValue": ACCOUNT}],
        }
        answer = httpx.post(self._url, headers=_LOOKUP, json=asked, timeout=60).json()
        events: list[dict[str, Any]] = answer["Events"]
        if len(events) < _PAGE:
            return {event["EventId"]: event for event in events}
        half = (since + until) / 2
        return self._events(since, half) | self._events(half, until)

    def _invocations(self) -> Usage:
        used = Usage()
        logs = self._running.aws("logs")
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=_FUNCTIONS)
        for group in [group["logGroupName"] for page in pages for group in page["logGroups"]]:
            lines = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=int(self._since * 1000)
            )
            for event in (event for page in lines for event in page["events"]):
                used += log_units(group.removeprefix(_FUNCTIONS), event["message"])
        return used

    def _transitions(self) -> Usage:
        entered = 0
        states = self._running.aws("stepfunctions")
        for machine in states.list_state_machines()["stateMachines"]:
            pages = states.get_paginator("list_executions").paginate(
                stateMachineArn=machine["stateMachineArn"]
            )
            for run in (run for page in pages for run in page["executions"]):
                if run["startDate"].timestamp() >= self._since:
                    entered += self._entered(states, run["executionArn"])
        return Usage({Item.TRANSITIONS: entered})

    def _entered(self, states: Any, execution: str) -> int:
        pages = states.get_paginator("get_execution_history").paginate(executionArn=execution)
        types = [event["type"] for page in pages for event in page["events"]]
        return sum(each.endswith("StateEntered") for each in types)


def log_units(function: str, message: str) -> Usage:
    """What one log line of a function stands for: its bytes, and an invocation if it reports one.

    Args:
        function: the function's folder name.
        message: the line as it was written.
    """
    used = Usage({Item.LOG_BYTES: len(message.encode()) + LOG_EVENT_OVERHEAD_BYTES})
    reported = _REPORT.match(message)
    if reported is None:
        return used
    milliseconds, megabytes = map(int, reported.groups())
    used[Item.INVOCATIONS] = 1
    used[Item.COMPUTE] = milliseconds * megabytes
    if function.startswith(_HTTP_FUNCTIONS):
        used[Item.HTTP_REQUESTS] = 1
    if function in _RECEIVES:
        used[_RECEIVES[function]] = RECEIVES_A_BATCH
    return used
