"""What the stack keeps through a stop, a crash of the database and a power cut."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from local.runtime import RunningStack

WALLET = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
OPEN_TIMEOUT_S = 90
FRESHNESS = "freshness"
WATCHING = {"watch", "live_since", "unseen"}


@pytest.fixture(scope="module", autouse=True)
def _whole_again(stack: RunningStack) -> Iterator[None]:
    """Leave the stack up, whatever a test did to it."""
    yield
    stack.up()


@pytest.fixture
def opened(api: httpx.Client) -> dict[str, Any]:
    """The summary of a wallet whose history is complete."""
    deadline = time.monotonic() + OPEN_TIMEOUT_S
    summary: dict[str, Any] = {}
    while summary.get("state") != "SEEN_FULL":
        assert time.monotonic() < deadline, f"not opened in {OPEN_TIMEOUT_S} s: {summary}"
        time.sleep(0.25)
        summary = api.get(f"/v1/wallets/{WALLET}/summary").json()
    return _lasting(summary)


def _lasting(summary: dict[str, Any]) -> dict[str, Any]:
    """A summary without what changes by itself as time passes."""
    kept = {key: value for key, value in summary.items() if not key.startswith(FRESHNESS)}
    coverage = {k: v for k, v in summary["coverage"].items() if k not in WATCHING}
    return kept | {"coverage": coverage}


def _served(stack: RunningStack) -> dict[str, Any]:
    response = httpx.get(f"{stack.api_url}/v1/wallets/{WALLET}/summary", timeout=30)
    assert response.status_code == 200, response.text
    return _lasting(response.json())


def test_state_survives_down_and_up(stack: RunningStack, opened: dict[str, Any]):
    """After an orderly stop the same summary is served, from the same address."""
    address = stack.api_url

    stack.down()
    stack.up()

    assert stack.api_url == address
    assert _served(stack) == opened


def test_the_nightly_job_finds_every_body_in_its_place(stack: RunningStack, opened: dict[str, Any]):
    """All parts run where they are deployed, and no pack is damaged."""
    report = stack.invoke("job_keep_packs", {})

    assert report["check"]["packs"] > 0
    assert report["check"]["bodies"] >= opened["tx_counts"]["all"]
    assert report["check"]["broken"] == 0


def test_snapshots_are_projected_again_after_a_power_cut(
    stack: RunningStack, opened: dict[str, Any]
):
    """Every process killed at once: `up` deploys anew, and Postgres and the packs suffice."""
    packs = _packs(stack)
    assert packs

    stack.kill()
    with pytest.raises(httpx.TransportError):
        httpx.get(stack.api_url)
    stack.up()

    assert _packs(stack) == packs
    assert _served(stack) == opened


def test_the_database_alone_can_crash_and_return(stack: RunningStack, opened: dict[str, Any]):
    """Reads of summaries go on without Postgres; once back it holds what it held."""
    stack.kill_postgres()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(stack.database_dsn)
    assert _served(stack) == opened

    stack.start_postgres()

    with psycopg.connect(stack.database_dsn) as connection:
        row = connection.execute("select count(*) from transactions").fetchone()
    assert row is not None
    assert row[0] > 0


def _packs(stack: RunningStack) -> set[str]:
    listing = stack.aws("s3").list_objects_v2(Bucket="oof-local-facts", Prefix="packs/")
    return {entry["Key"] for entry in listing.get("Contents", [])}
