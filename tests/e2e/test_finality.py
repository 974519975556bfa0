"""What is soft becomes final or is taken back, on a deployed stack over a generated chain."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from local.runtime import RunningStack
from tests.e2e.test_ingest import Ingest


@pytest.fixture
def ingest(generated_stack: RunningStack) -> Iterator[Ingest]:
    """The stack, its clocked machines still."""
    made = Ingest(generated_stack)
    yield made
    made.api.close()
    made.upstream.close()


def settle(ingest: Ingest) -> None:
    """Let a minute pass on the chain, and have all that is soft asked about now."""
    ingest.control("clock", advance=130)
    with psycopg.connect(ingest.stack.database_dsn) as connection:
        connection.execute("UPDATE soft_transactions SET due_at = now()")
    ingest.run("settle_finality")


def test_a_webhook_is_soft_then_final_and_a_dropped_one_is_taken_back(ingest: Ingest) -> None:
    """One credit makes it final; what the chain forgot is gone from the summary."""
    wallet = ingest.wallet("casual_two")
    before = ingest.open(wallet)["tx_counts"]["all"]
    kept, gone = ingest.control("append", wallet=wallet, count=2, kind="failed")["signatures"]
    ingest.deliver([kept])
    soft = ingest.wait(wallet, lambda s: s["tx_counts"]["all"] == before + 1)
    settle(ingest)
    final = ingest.wait(wallet, lambda s: "soft" not in s["provisional"])
    ingest.deliver([gone])
    ingest.wait(wallet, lambda s: s["tx_counts"]["all"] == before + 2)
    ingest.control("visibility", hide=[gone])
    for _ in range(2):
        settle(ingest)
    dropped = ingest.wait(wallet, lambda s: s["tx_counts"]["all"] == before + 1)

    assert "soft" in soft["provisional"]
    assert final["tx_counts"]["all"] == before + 1
    assert "soft" not in dropped["provisional"]
    answer = ingest.api.get(f"/v1/wallets/{wallet}/transactions")
    assert answer.is_success, answer.text
    shown = answer.json()["items"]
    assert gone not in {item["signature"] for item in shown}


def test_a_replay_by_hand_changes_nothing_that_is_right(ingest: Ingest) -> None:
    """The job folds the wallet anew, and the summary is served as before.

    A first replay takes in what other wallets' histories had stored of it before it was followed.
    """
    wallet = ingest.wallet("casual_two")
    ingest.open(wallet)
    replay = {"replay": {"wallet": wallet, "from_slot": 0}}
    first = ingest.stack.invoke("job_renormalize", replay)
    ingest.stack.invoke("job_sweep_pending", {"reproject": "all"})
    before = ingest.summary(wallet)

    answer = ingest.stack.invoke("job_renormalize", replay)
    state = ingest.stack.invoke("job_renormalize", {})
    ingest.stack.invoke("job_sweep_pending", {"reproject": "all"})

    after = ingest.summary(wallet)
    assert answer["folded"] == first["folded"] > 0
    assert answer["appended"] == 0
    assert (state["is_ended"], state["failed"]) == (True, 0)
    assert counts(after) == counts(before)


def counts(summary: dict[str, Any]) -> str:
    """What a summary counts and holds."""
    return json.dumps([summary[name] for name in ("tx_counts", "balances", "venues", "paid")])
