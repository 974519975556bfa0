"""A long history on a deployed stack: pages side by side, cancelled, and gone on with."""

from collections.abc import Iterator

import pytest

from local.runtime import RunningStack
from tests.e2e.test_ingest import Ingest


@pytest.fixture(scope="module")
def ingest(generated_stack: RunningStack) -> Iterator[Ingest]:
    """The stack over the generated chain."""
    ingest = Ingest(generated_stack)
    yield ingest
    ingest.api.close()
    ingest.upstream.close()


def test_a_cancelled_history_is_gone_on_with(ingest: Ingest) -> None:
    """It stops at a chunk's end; asked for again, no body is asked for twice, and all is there."""
    wallet = ingest.wallet("retired")
    ingest.open(wallet)
    ingest.control("reset")
    accepted = ingest.api.post(f"/v1/wallets/{wallet}/history/backfill?older=730d")
    href = accepted.headers["location"]
    cancelled = ingest.api.post(f"{href}/cancel")

    stopped = ingest.wait_for_job(href)
    ended = ingest.backfill(wallet, "730d")

    assert (cancelled.status_code, cancelled.json()["cancel_requested"]) == (202, True)
    assert (stopped["status"], stopped["reason"]) == ("cancelled", "cancelled")
    assert ended["status"] == "succeeded"
    assert ended["progress"]["done"] == ended["progress"]["total"]
    assert ingest.summary(wallet)["state"] == "SEEN_FULL"
    counted = ingest.counters()
    assert set(counted["bodies_requested"].values()) <= {1}
    spent = ingest.api.get("/v1/health").json()["components"]["provider"]
    assert spent["figures"]["credits_spent_today"] >= counted["credits"] > 0
