"""A deployed stack as its users meet it: readers over HTTP, a provider that posts to it."""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import httpx
import orjson
import psycopg

from local.bench.samples import timed
from local.runtime import LocalRuntimeFault, RunningStack
from local.upstream.webhooks import raw_item

_PREFIX = "oof-local-"
_QUEUES = ("oof-local-ingest-store", "oof-local-ingest-fetch", "oof-local-ingest-apply.fifo")
_HELD = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
_WARM_UP = "newborn"
_WARMING = frozenset({"UNSEEN", "WARMING_UP"})
_ENDED = frozenset({"succeeded", "partial", "failed", "cancelled"})
_LOOK_EVERY_S = 0.02
_PATIENCE_S = 180.0
_TIMEOUT_S = 60


class Opening(NamedTuple):
    """How the first look at a wallet went, in seconds since it was asked for."""

    address: str
    placeholder_s: float
    """Until the first answer, which says WARMING_UP."""
    first_numbers_s: float
    """Until a summary that counts transactions."""
    opened_s: float
    """Until its first chunk is folded."""
    transactions: int


class Delivery(NamedTuple):
    """How one webhook event went, in seconds since it was posted."""

    ack_s: float
    visible_s: float
    """Until a reader's summary counts it."""


class LiveStack:
    """One stack over the generated chain, its schedules silenced: it does what it is told only."""

    def __init__(self, running: RunningStack) -> None:
        self.running = running
        self._api = httpx.Client(base_url=running.api_url, timeout=_TIMEOUT_S)
        self._upstream = httpx.Client(base_url=running.upstream_url, timeout=_TIMEOUT_S)
        self._wallets: dict[str, str] | None = None
        self._warm: Opening | None = None
        events = running.aws("events")
        for rule in events.list_rules(NamePrefix=_PREFIX)["Rules"]:
            events.disable_rule(Name=rule["Name"])

    def close(self) -> None:
        """Close the connections."""
        self._api.close()
        self._upstream.close()

    def wallet(self, role: str) -> str:
        """The address of a wallet of the generated chain. Raises KeyError for an unknown role."""
        if self._wallets is None:
            known = self._upstream.get("/_control/chain").json()["wallets"]
            self._wallets = {each["role"]: str(each["address"]) for each in known}
        return self._wallets[role]

    def warm_up(self) -> Opening:
        """Start every function once, by opening a tiny wallet; return how that went, cold."""
        if self._warm is None:
            self._warm = self.open(self.wallet(_WARM_UP))
            self.deepen(self.wallet(_WARM_UP), days=1)
            self.deliver(self.wallet(_WARM_UP))
        return self._warm

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Read from the API. Raises LocalRuntimeFault for an answer of 4xx or 5xx."""
        return _sound(self._api.get(path, headers=headers))

    def summary(self, address: str) -> dict[str, Any]:
        """A wallet's summary; opens the wallet where nobody did."""
        body: dict[str, Any] = self.get(f"/v1/wallets/{address}/summary").json()
        return body

    def open(self, address: str) -> Opening:
        """Ask for a wallet nobody asked for, and watch it as a reader would."""
        begun = time.perf_counter()
        first = self.summary(address)
        placeholder_s = time.perf_counter() - begun
        if first["state"] != "WARMING_UP":
            raise LocalRuntimeFault(f"{address} was {first['state']} before it was opened")
        first_numbers_s = self._wait(begun, address, lambda seen: seen["tx_counts"]["all"] > 0)
        opened_s = self._wait(begun, address, lambda seen: seen["state"] not in _WARMING)
        counted = self.summary(address)["tx_counts"]["all"]
        return Opening(address, placeholder_s, first_numbers_s, opened_s, counted)

    def deepen(self, address: str, *, days: int) -> float:
        """Ask for older history and wait until its job ended; return seconds until it was accepted.

        Raises LocalRuntimeFault when the job failed.
        """
        path = f"/v1/wallets/{address}/history/backfill?older={days}d"
        accepted_s, answer = timed(lambda: _sound(self._api.post(path)))
        deadline = time.monotonic() + _PATIENCE_S
        job = answer.json()
        while job["status"] not in _ENDED:
            if time.monotonic() > deadline:
                raise LocalRuntimeFault(f"a backfill did not end: {job}")
            time.sleep(_LOOK_EVERY_S)
            job = self.get(answer.headers["Location"]).json()
        if job["status"] == "failed":
            raise LocalRuntimeFault(f"a backfill failed: {job}")
        return accepted_s

    def append(self, address: str, count: int = 1) -> list[bytes]:
        """Let at most 100 new transactions happen to a wallet; return each as a raw webhook's body.

        Raises LocalRuntimeFault when the provider does not list what has just happened.
        """
        asked = {"wallet": address, "count": count}
        made = _sound(self._upstream.post("/_control/append", json=asked)).json()["signatures"]
        listed = self._newest(address, count)
        if missing := set(made) - set(listed):
            raise LocalRuntimeFault(f"{len(missing)} new transactions are not listed")
        return [orjson.dumps([_as_webhook(listed[signature])]) for signature in made]

    def post_webhook(self, body: bytes) -> float:
        """Post as the provider does; return seconds until the answer."""
        headers = {
            "authorization": self.running.webhook_secret,
            "content-type": "application/json",
        }
        url = f"{self.running.ingest_url}/ingest/webhook/helius"
        return timed(lambda: _sound(self._api.post(url, content=body, headers=headers)))[0]

    def deliver(self, address: str) -> Delivery:
        """Let one transaction happen, post it, and wait until the wallet's summary counts it."""
        (body,) = self.append(address)
        before = self.summary(address)["tx_counts"]["all"]
        begun = time.perf_counter()
        ack_s = self.post_webhook(body)
        visible_s = self._wait(begun, address, lambda seen: seen["tx_counts"]["all"] > before)
        return Delivery(ack_s, visible_s)

    def tick(self, schedule: str) -> None:
        """Do once what a silenced schedule would, to its end. Raises LocalRuntimeFault."""
        rule = f"{_PREFIX}{schedule}"
        for target in self.running.aws("events").list_targets_by_rule(Rule=rule)["Targets"]:
            arn = str(target["Arn"])
            if ":stateMachine:" in arn:
                states = self.running.aws("stepfunctions")
                states.start_execution(stateMachineArn=arn, input="{}")
            else:
                self.running.invoke(arn.rpartition(":")[2].removeprefix(_PREFIX), {})
        self.settle()

    def settle(self) -> None:
        """Wait until nothing runs, no queue holds a message and nothing stored waits to be applied.

        It asks the local AWS and Postgres, never the API, so that waiting is nobody's cost.
        """
        deadline = time.monotonic() + _PATIENCE_S
        while self._is_busy():
            if time.monotonic() > deadline:
                raise LocalRuntimeFault("the stack does not come to rest")
            time.sleep(_LOOK_EVERY_S)

    def _is_busy(self) -> bool:
        return self._has_messages() or self._has_runs() or self._has_pending()

    def _has_messages(self) -> bool:
        sqs = self.running.aws("sqs")
        return any(
            int(count)
            for name in _QUEUES
            for count in sqs.get_queue_attributes(
                QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"], AttributeNames=_HELD
            )["Attributes"].values()
        )

    def _has_runs(self) -> bool:
        states = self.running.aws("stepfunctions")
        return any(
            states.list_executions(stateMachineArn=each["stateMachineArn"], statusFilter="RUNNING")[
                "executions"
            ]
            for each in states.list_state_machines()["stateMachines"]
        )

    def _has_pending(self) -> bool:
        with psycopg.connect(self.running.database_dsn) as connection:
            row = connection.execute("SELECT EXISTS (SELECT FROM pending)").fetchone()
        return row is not None and bool(row[0])

    def upstream_counters(self) -> dict[str, Any]:
        """What the provider was asked for so far."""
        counters: dict[str, Any] = self._upstream.get("/_control/counters").json()
        return counters

    def _newest(self, address: str, count: int) -> dict[str, dict[str, Any]]:
        """The wallet's newest transactions by signature, each with its place in its block."""
        how = {
            "transactionDetails": "full",
            "limit": count,
            "commitment": "confirmed",
            "maxSupportedTransactionVersion": 0,
            "filters": {"tokenAccounts": "all"},
        }
        method = "getTransactionsForAddress"
        call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [address, how]}
        page = _sound(self._upstream.post("/", json=call)).json()["result"]["data"]
        return {body["transaction"]["signatures"][0]: body for body in page}

    def _wait(self, begun: float, address: str, is_seen: Callable[[dict[str, Any]], bool]) -> float:
        while not is_seen(summary := self.summary(address)):
            if time.perf_counter() - begun > _PATIENCE_S:
                raise LocalRuntimeFault(f"nothing happens to {address}: {summary}")
            time.sleep(_LOOK_EVERY_S)
        return time.perf_counter() - begun


def _as_webhook(body: dict[str, Any]) -> dict[str, Any]:
    return raw_item(body, body["transactionIndex"])


def _sound(answer: httpx.Response) -> httpx.Response:
    if answer.is_error:
        path, told = answer.request.url.path, answer.text[:300]
        raise LocalRuntimeFault(f"{path} answered {answer.status_code}: {told}")
    return answer
