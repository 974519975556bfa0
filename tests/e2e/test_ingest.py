"""How transactions get in, on a deployed stack over a generated chain: what is asked, and lost."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import base58
import httpx
import psycopg
import pytest

from local.runtime import RunningStack

PATIENCE_S = 150
SEEN = {"SEEN_PARTIAL", "SEEN_FULL"}
ENDED = {"succeeded", "partial", "failed", "cancelled"}


class Ingest:
    """A stack over a generated chain, its tails and webhooks kept only when a test says so."""

    def __init__(self, stack: RunningStack) -> None:
        self.stack = stack
        self.api = httpx.Client(base_url=stack.api_url, timeout=30)
        self.upstream = httpx.Client(base_url=stack.upstream_url, timeout=60)
        for rule in (
            "oof-local-repair-tail",
            "oof-local-reconcile-webhooks",
            "oof-local-check-bodies",
            "oof-local-settle-finality",
            "oof-local-refresh-prices",
            "oof-local-refresh-tokens",
        ):
            stack.aws("events").disable_rule(Name=rule)

    def control(self, name: str, **asked: Any) -> Any:
        """Ask the stand-in's control API."""
        answer = self.upstream.post(f"/_control/{name}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def counters(self) -> Any:
        """What the stand-in counted."""
        return self.upstream.get("/_control/counters").json()

    def wallet(self, role: str) -> str:
        """An address by its role on the chain."""
        rows = self.upstream.get("/_control/chain").json()["wallets"]
        [address] = [row["address"] for row in rows if row["role"] == role]
        return str(address)

    def listed(self, wallet: str) -> list[str]:
        """What the chain holds of a wallet and its token accounts, newest first."""
        options = {"transactionDetails": "signatures", "filters": {"tokenAccounts": "all"}}
        params = [wallet, options]
        call = {"jsonrpc": "2.0", "id": 1, "method": "getTransactionsForAddress", "params": params}
        answer = self.upstream.post("/", json=call).json()
        assert answer["result"]["paginationToken"] is None, "more than a page: another wallet"
        return [row["signature"] for row in answer["result"]["data"]]

    def summary(self, wallet: str) -> Any:
        """The wallet's summary as served."""
        return self.api.get(f"/v1/wallets/{wallet}/summary").json()

    def wait(self, wallet: str, done: Callable[[Any], bool], within_s: float = PATIENCE_S) -> Any:
        """Poll the summary until it is as wanted."""
        deadline = time.monotonic() + within_s
        while not done(summary := self.summary(wallet)):
            assert time.monotonic() < deadline, summary
            time.sleep(0.1)
        return summary

    def open(self, wallet: str) -> Any:
        """Open a wallet and wait until the run is over and the wallet is seen."""
        job = self.summary(wallet)["job"]
        if job is not None:
            self.wait_for_job(job["href"])
        return self.wait(wallet, lambda summary: summary["state"] in SEEN)

    def backfill(self, wallet: str, older: str) -> Any:
        """Ask for older history and wait for the job's end."""
        answer = self.api.post(f"/v1/wallets/{wallet}/history/backfill?older={older}")
        assert answer.status_code == 202, answer.text
        return self.wait_for_job(answer.headers["location"])

    def wait_for_job(self, href: str) -> Any:
        """Poll a job until it is over."""
        deadline = time.monotonic() + PATIENCE_S
        while (job := self.api.get(href).json())["status"] not in ENDED:
            assert time.monotonic() < deadline, job
            time.sleep(0.1)
        return job

    def deliver(self, signatures: list[str], **how: Any) -> Any:
        """Have the stand-in deliver transactions to our webhook, as the provider would."""
        return self.control(
            "deliver",
            signatures=signatures,
            url=f"{self.stack.ingest_url}/ingest/webhook/helius",
            auth_header=self.stack.webhook_secret,
            **how,
        )

    def body(self, signature: str) -> dict[str, Any]:
        """A body as the node tells it."""
        options = {"commitment": "confirmed", "maxSupportedTransactionVersion": 0}
        params = [signature, options]
        call = {"jsonrpc": "2.0", "id": 1, "method": "getTransaction", "params": params}
        body: dict[str, Any] = self.upstream.post("/", json=call).json()["result"]
        return body

    def lying_meta(self, signature: str) -> dict[str, Any]:
        """What a body says of a failed transaction, as if it had succeeded at another fee."""
        meta: dict[str, Any] = self.body(signature)["meta"]
        return meta | {"err": None, "status": {"Ok": None}, "fee": meta["fee"] + 1}

    def tell(self, body: dict[str, Any]) -> int:
        """Post a body to our webhook, whatever it says; return the status of the answer."""
        url = f"{self.stack.ingest_url}/ingest/webhook/helius"
        headers = {"authorization": self.stack.webhook_secret}
        return httpx.post(url, json=[body], headers=headers, timeout=30).status_code

    def check_bodies(self) -> None:
        """Have doubted bodies asked for, as the schedule would."""
        self.stack.aws("lambda").invoke(FunctionName="oof-local-job_check_bodies", Payload=b"{}")

    def repair_tail(self) -> None:
        """Run the tail repair once, as its schedule would."""
        self.start("repair_tail")

    def reconcile_webhooks(self) -> None:
        """Reconcile the provider's webhooks once, as its schedule would, to the end."""
        self.run("reconcile_webhooks")

    def run(self, machine: str) -> None:
        """Run a state machine to its end."""
        machines = self.stack.aws("stepfunctions")
        execution = self.start(machine)
        deadline = time.monotonic() + PATIENCE_S
        while (found := machines.describe_execution(executionArn=execution))["status"] == "RUNNING":
            assert time.monotonic() < deadline, found
            time.sleep(0.2)
        assert found["status"] == "SUCCEEDED", found

    def start(self, machine: str) -> str:
        """Start a state machine; return its execution's ARN."""
        machines = self.stack.aws("stepfunctions")
        found = machines.list_state_machines()["stateMachines"]
        [arn] = [m["stateMachineArn"] for m in found if m["name"].endswith(machine)]
        return str(machines.start_execution(stateMachineArn=arn, input="{}")["executionArn"])

    def rest(self) -> None:
        """Wait until no state machine is at work: prices are asked for after a history is in."""
        machines = self.stack.aws("stepfunctions")
        deadline = time.monotonic() + PATIENCE_S
        while any(
            machines.list_executions(
                stateMachineArn=each["stateMachineArn"], statusFilter="RUNNING"
            )["executions"]
            for each in machines.list_state_machines()["stateMachines"]
        ):
            assert time.monotonic() < deadline, "something is still at work"
            time.sleep(0.2)

    def hooks(self) -> list[dict[str, Any]]:
        """The webhooks at the stand-in."""
        listed: list[dict[str, Any]] = self.upstream.get("/v0/webhooks").json()
        return listed

    def age_tail(self, seconds: int) -> None:
        """Let everybody's last check lie `seconds` further back."""
        statement = (
            "UPDATE tracked_wallets SET tail_checked_at = tail_checked_at - %s * interval '1 s'"
        )
        with psycopg.connect(self.stack.database_dsn) as connection:
            connection.execute(statement, (seconds,))

    def listed_by_tails(self) -> set[str]:
        """The wallets that ended tail runs were about."""
        statement = "SELECT address FROM runs JOIN wallets USING (wallet_id) WHERE mode = 'tail'"
        with psycopg.connect(self.stack.database_dsn) as connection:
            rows = connection.execute(statement).fetchall()
        return {base58.b58encode(row[0]).decode() for row in rows}


@pytest.fixture(scope="module")
def ingest(generated_stack: RunningStack) -> Iterator[Ingest]:
    """The stack over the generated chain, as these tests drive it."""
    ingest = Ingest(generated_stack)
    yield ingest
    ingest.api.close()
    ingest.upstream.close()


@pytest.fixture(autouse=True)
def _fair_provider(ingest: Ingest) -> Iterator[None]:
    """Leave no fault behind."""
    yield
    ingest.control("faults", rules=[])


def test_a_second_analysis_makes_zero_calls(ingest: Ingest) -> None:
    """While coverage spans the request and the tail is fresh, the provider hears nothing."""
    wallet = ingest.wallet("casual_four")
    ingest.open(wallet)
    ingest.rest()
    ingest.control("reset")
    opened = ingest.backfill(wallet, "7d")
    assert opened["status"] == "succeeded"
    ingest.rest()
    assert ingest.counters()["total_calls"] == 0

    ingest.backfill(wallet, "730d")
    whole = ingest.wait(wallet, lambda s: s["state"] == "SEEN_FULL")
    assert whole["tx_counts"]["all"] + whole["mentions"] == len(ingest.listed(wallet))
    ingest.rest()
    ingest.control("reset")
    again = ingest.backfill(wallet, "365d")
    ingest.summary(wallet)

    assert again["status"] == "succeeded"
    ingest.rest()
    assert ingest.counters()["total_calls"] == 0


def test_only_the_gap_is_fetched_once_the_tail_is_stale(ingest: Ingest) -> None:
    """Two new transactions later, a request costs their bodies and no others."""
    wallet = ingest.wallet("newborn")
    ingest.open(wallet)
    new = ingest.control("append", wallet="newborn", count=2, kind="failed")["signatures"]
    ingest.age_tail(600)
    ingest.control("reset")

    job = ingest.backfill(wallet, "30d")

    assert job["status"] == "succeeded"
    counted = ingest.counters()
    assert set(counted["bodies_requested"]) | set(counted["page_bodies"]) == set(new)


def test_shared_signatures_are_never_fetched_again(ingest: Ingest) -> None:
    """A second wallet asks by signature for nothing that came with the first."""
    one, other = ingest.wallet("casual_three"), ingest.wallet("casual_one")
    ingest.open(one)
    assert ingest.backfill(one, "730d")["status"] == "succeeded"
    shared = set(ingest.listed(one)) & set(ingest.listed(other))
    assert shared
    ingest.control("reset")

    ingest.open(other)
    job = ingest.backfill(other, "730d")

    assert job["status"] == "succeeded"
    counted = ingest.counters()
    assert not set(counted["bodies_requested"]) & shared
    assert max(counted["bodies_requested"].values(), default=0) <= 1
    summary = ingest.wait(other, lambda s: s["state"] == "SEEN_FULL")
    assert summary["tx_counts"]["all"] + summary["mentions"] == len(ingest.listed(other))


def test_a_webhook_updates_the_summary_without_asking_the_provider(ingest: Ingest) -> None:
    """Delivered twice and out of order, each transaction counts once, and costs no call."""
    wallet = ingest.wallet("single")
    before = ingest.open(wallet)["tx_counts"]["all"]
    new = ingest.control("append", wallet="single", count=3, kind="failed")["signatures"]
    ingest.rest()
    ingest.control("reset")

    outcome = ingest.deliver(new, repeats=2, shuffle=True)

    assert all(post["status"] == 202 for post in outcome["posts"]), outcome
    after = ingest.wait(wallet, lambda s: s["tx_counts"]["all"] >= before + 3, within_s=60)
    assert after["tx_counts"]["all"] == before + 3
    assert ingest.counters()["total_calls"] == 0


def test_a_wallet_goes_live_on_a_webhook_of_ours(ingest: Ingest) -> None:
    """Named by the reconciler, listed by the tail repair, and then reported by the provider."""
    wallet = ingest.wallet("weekender")
    before = ingest.open(wallet)["tx_counts"]["all"]
    assert not ingest.hooks()

    ingest.reconcile_webhooks()

    [hook] = ingest.hooks()
    assert wallet in hook["accountAddresses"]
    named = ingest.wait(wallet, lambda s: s["coverage"]["watch"] == "webhook")
    assert named["coverage"]["live_since"] is None

    ingest.repair_tail()
    ingest.wait(wallet, lambda s: s["coverage"]["live_since"] is not None, within_s=60)
    told = ingest.control("append", wallet="weekender", count=1, kind="failed", deliver=True)
    assert [post["status"] for post in told["posts"]] == [202]
    ingest.wait(wallet, lambda s: s["tx_counts"]["all"] == before + 1, within_s=60)

    ingest.upstream.delete(f"/v0/webhooks/{hook['webhookID']}")


def test_an_enhanced_webhook_is_fetched_once(ingest: Ingest) -> None:
    """A notification without balances, and repeated, has its body fetched exactly once."""
    wallet = ingest.wallet("holder")
    before = ingest.open(wallet)["tx_counts"]["all"]
    new = ingest.control("append", wallet="holder", count=1, kind="transfer")["signatures"]
    ingest.control("reset")

    outcome = ingest.deliver(new, type="enhanced", repeats=2)

    assert all(post["status"] == 202 for post in outcome["posts"]), outcome
    ingest.wait(wallet, lambda s: s["tx_counts"]["all"] == before + 1, within_s=60)
    assert ingest.counters()["bodies_requested"] == dict.fromkeys(new, 1)


def test_nothing_is_lost_while_the_database_is_down(ingest: Ingest) -> None:
    """Webhooks are acknowledged for a minute without Postgres, and all count afterwards."""
    wallet = ingest.wallet("dormant")
    before = ingest.open(wallet)["tx_counts"]["all"]
    new = ingest.control("append", wallet="dormant", count=6, kind="failed")["signatures"]
    ingest.stack.stop_postgres()
    stopped = time.monotonic()
    try:
        for at, signature in enumerate(new):
            outcome = ingest.deliver([signature])
            assert [post["status"] for post in outcome["posts"]] == [202]
            time.sleep(max(0.0, stopped + (at + 1) * 10 - time.monotonic()))
    finally:
        ingest.stack.start_postgres()
    assert time.monotonic() - stopped >= 60

    after = ingest.wait(wallet, lambda s: s["tx_counts"]["all"] >= before + 6)

    assert after["tx_counts"]["all"] == before + 6


def test_tail_repair_finds_what_no_webhook_told(ingest: Ingest) -> None:
    """Of two wallets the one that moved is listed; the other costs a share of one look."""
    moved, still = ingest.wallet("retired"), ingest.wallet("empty")
    ingest.open(still)
    before = ingest.open(moved)["tx_counts"]["all"]
    ingest.control("append", wallet="retired", count=1, kind="failed")
    ingest.age_tail(600)
    ingest.control("reset")

    ingest.repair_tail()

    ingest.wait(moved, lambda s: s["tx_counts"]["all"] == before + 1, within_s=60)
    ingest.wait(still, lambda s: s["freshness_lag_sec"] < 300, within_s=90)
    deadline = time.monotonic() + 60
    while moved not in (listed := ingest.listed_by_tails()):
        assert time.monotonic() < deadline, listed
        time.sleep(0.2)
    assert still not in listed
    assert ingest.counters()["calls"]["getMultipleAccounts"] >= 1


def test_a_false_webhook_body_is_taken_back(ingest: Ingest) -> None:
    """Its lamports do not add up, so the node is asked: what it says replaces what was applied."""
    wallet = ingest.wallet("holder")
    before = ingest.open(wallet)["tx_counts"]
    [signature] = ingest.control("append", wallet="holder", count=1, kind="failed")["signatures"]
    ingest.control("reset")

    assert ingest.tell(ingest.body(signature) | {"meta": ingest.lying_meta(signature)}) == 202
    told = ingest.wait(wallet, lambda s: s["tx_counts"]["all"] == before["all"] + 1, within_s=60)
    assert told["tx_counts"]["failed"] == before["failed"]
    asked = ingest.counters()["bodies_requested"].get(signature, 0)
    ingest.check_bodies()

    wanted = before["all"] + 1, before["failed"] + 1
    ingest.wait(
        wallet, lambda s: (s["tx_counts"]["all"], s["tx_counts"]["failed"]) == wanted, within_s=60
    )
    assert ingest.counters()["bodies_requested"][signature] == asked + 1


def test_a_throttling_provider_delays_and_loses_nothing(ingest: Ingest) -> None:
    """With every third call throttled, failing or cut short, the wallet ends the same."""
    wallet = ingest.wallet("clumsy")
    rules = [
        {"method": "*", "kind": kind, "count": None, "probability": 0.12, "retry_after": 0}
        for kind in ("rate_limited", "server_error", "truncated")
    ]
    ingest.control("faults", rules=rules, seed=4)

    ingest.open(wallet)
    job = ingest.backfill(wallet, "730d")

    assert job["status"] == "succeeded"
    ingest.control("faults", rules=[])
    summary = ingest.wait(wallet, lambda s: s["state"] == "SEEN_FULL")
    assert summary["tx_counts"]["all"] + summary["mentions"] == len(ingest.listed(wallet))
    assert sum(ingest.counters()["faults"].values()) > 0


@pytest.mark.parametrize("role", ["program", "token_account", "pool"])
def test_what_is_no_wallet_is_refused(ingest: Ingest, role: str) -> None:
    """The guard's verdict is served, and no body was fetched for it."""
    address = ingest.wallet(role)
    ingest.control("reset")

    summary = ingest.wait(address, lambda s: s["state"] == "REFUSED")

    assert summary["tx_counts"]["all"] == 0
    counted = ingest.counters()
    assert not counted["bodies_requested"]
    assert not counted["page_bodies"]


def test_strangers_are_kept_out(ingest: Ingest) -> None:
    """Without the shared value the webhook answers 401, and nothing is enqueued."""
    url = f"{ingest.stack.ingest_url}/ingest/webhook/helius"
    answer = httpx.post(url, json=[], headers={"authorization": "guess"})

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
