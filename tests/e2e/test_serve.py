"""The public API as deployed: a wallet nobody saw before, watched until it is served."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis

from local.runtime import RunningStack
from tests.support.described import send_all

WALLET = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"
REPOSITORY = Path(__file__).resolve().parents[2]
PATH = f"/v1/wallets/{WALLET}"
ENDED = {"succeeded", "partial", "failed", "cancelled"}
PATIENCE_S = 120
DESCRIBED_EXAMPLES = 3
"""Requests of each kind: the same is done at length in process."""


def wait_for_job(api: httpx.Client, href: str) -> dict[str, Any]:
    """The job once it is over."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        job: dict[str, Any] = api.get(href).json()
        if job["status"] in ENDED:
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.2)


@pytest.fixture
def summary(api: httpx.Client) -> dict[str, Any]:
    """The wallet's summary once it is served in full, opened here if nobody did before."""
    seen: dict[str, Any] = api.get(f"{PATH}/summary").json()
    if seen["job"] is not None:
        job = wait_for_job(api, seen["job"]["href"])
        assert job["status"] == "succeeded", job
    deadline = time.monotonic() + PATIENCE_S
    while (seen := api.get(f"{PATH}/summary").json())["state"] != "SEEN_FULL":
        assert time.monotonic() < deadline, seen
        time.sleep(0.2)
    return seen


def all_transactions(api: httpx.Client, query: str = "", limit: int = 50) -> list[dict[str, Any]]:
    """Every transaction under a filter, page by page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        response = api.get(f"{PATH}/transactions?limit={limit}{query}{cursor}")
        assert response.status_code == 200, response.text
        items += response.json()["items"]
        following = response.json()["next_cursor"]
        if following is None:
            return items
        cursor = f"&cursor={following}"


def test_the_recorded_wallet_is_served_exactly(summary: dict[str, Any]) -> None:
    """36 transactions, of which 33 swaps and 2 failed, within one recorded day."""
    assert summary["tx_counts"]["all"] == 36
    assert summary["tx_counts"]["failed"] == 2
    assert summary["trades_count"] == 33
    assert summary["coverage"]["complete"]
    assert summary["history_span_days"] == 1
    assert sum(venue["trades"] for venue in summary["venues"]) == 33
    assert summary["as_of_slot"] == summary["last_processed_slot"] == 341_486_032
    assert summary["paid"]["network_fee_lamports"] == str(36 * 5_000)


def test_all_its_transactions_are_listed(api: httpx.Client, summary: dict[str, Any]) -> None:
    """Pages join to the whole, newest first; filters agree with the summary's counts."""
    whole = all_transactions(api)
    paged = all_transactions(api, limit=7)

    assert [item["signature"] for item in paged] == [item["signature"] for item in whole]
    assert len({item["signature"] for item in whole}) == summary["tx_counts"]["all"]
    slots = [item["slot"] for item in whole]
    assert slots == sorted(slots, reverse=True)
    assert len(all_transactions(api, "&status=failed")) == 2
    assert len(all_transactions(api, "&kind=trade")) == 33
    assert all_transactions(api, "&from=2025-05-22") == []
    assert len(all_transactions(api, "&from=2025-05-21&to=2025-05-22")) == 36
    fees = sum(
        int(item["fee_lamports"]) for item in whole if item["fee_payer"] == summary["address"]
    )
    paid = summary["paid"]
    assert fees == int(paid["network_fee_lamports"]) + int(paid["priority_fee_lamports"])


def test_holdings_agree_with_the_summary(api: httpx.Client, summary: dict[str, Any]) -> None:
    """Both are the newest post-balances that the chain stated."""
    held = api.get(f"{PATH}/holdings").json()

    amounts = {item["amount"]["mint"]: item["amount"] for item in held["items"]}
    assert amounts == {each["amount"]["mint"]: each["amount"] for each in summary["balances"]}
    assert len(amounts) == summary["balances_count"]


@pytest.mark.usefixtures("summary")
def test_an_unchanged_answer_is_304(api: httpx.Client) -> None:
    """Through the gateway too, the ETag spares the body."""
    first = api.get(f"{PATH}/transactions")
    again = api.get(f"{PATH}/transactions", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("summary")
def test_older_history_is_a_job_that_ends(api: httpx.Client) -> None:
    """202 with Location; nothing is older, so it ends well, and the same key is the same job."""
    headers = {"Idempotency-Key": "e2e"}
    accepted = api.post(f"{PATH}/history/backfill?older=700d", headers=headers)
    again = api.post(f"{PATH}/history/backfill?older=700d", headers=headers)

    assert accepted.status_code == again.status_code == 202
    assert accepted.headers["Location"] == again.headers["Location"]
    assert wait_for_job(api, accepted.headers["Location"])["status"] == "succeeded"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/wallets/nobody/summary", 400, "invalid_input"),
        ("GET", f"{PATH}/transactions?cursor=bm8", 400, "invalid_cursor"),
        ("GET", f"{PATH}/transactions?color=red", 400, "unknown_parameter"),
        ("GET", "/v1/nothing", 404, "route_not_found"),
        ("GET", "/v1/jobs/unknown", 404, "not_found"),
        ("POST", f"{PATH}/summary", 405, "method_not_allowed"),
        ("DELETE", "/v1/health", 405, "method_not_allowed"),
    ],
)
def test_problems_reach_the_caller(
    api: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    """Every fault is problem+json with its code and the request's id, through the gateway."""
    answer = api.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"]


def test_the_api_tells_how_it_is_and_what_it_offers(api: httpx.Client) -> None:
    """Health looks at every dependency; the description is served beside the routes."""
    health = api.get("/v1/health").json()
    assert health["status"] == "healthy", health
    assert {"hot_table", "database", "facts_bucket", "ingest-store"} <= set(health["components"])
    assert api.get("/v1/openapi.json").json()["info"]["title"] == "OOF"


def test_summaries_are_served_while_the_database_is_down(
    stack: RunningStack, api: httpx.Client, summary: dict[str, Any]
) -> None:
    """Pages of facts are 503 with a time to come back; health says why; then all is as before."""
    stack.stop_postgres()
    try:
        served = api.get(f"{PATH}/summary")
        pages = [api.get(f"{PATH}/{name}") for name in ("holdings", "transactions")]
        health = api.get("/v1/health")
    finally:
        stack.start_postgres()

    assert served.status_code == 200
    assert served.json()["tx_counts"] == summary["tx_counts"]
    assert [page.json()["code"] for page in pages] == ["store_unavailable"] * 2
    assert all(int(page.headers["Retry-After"]) > 0 for page in pages)
    assert (health.status_code, health.json()["status"]) == (200, "degraded")
    assert health.json()["components"]["database"]["status"] == "unhealthy"
    assert api.get(f"{PATH}/holdings").status_code == 200


@pytest.mark.usefixtures("summary")
def test_the_command_line_shows_the_wallet(stack: RunningStack) -> None:
    """`./oof wallet` prints the tally, the holdings and every transaction."""
    shown = subprocess.run(
        [sys.executable, "-m", "local.cli", "wallet", WALLET, "--api", stack.api_url],
        cwd=REPOSITORY,
        env={"PYTHONPATH": f"{REPOSITORY}:{REPOSITORY / 'layers/core/python'}"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert shown.returncode == 0, shown.stderr
    assert "33 swaps, 1 transfer, 2 failed" in shown.stdout
    assert shown.stdout.count("2025-05-21") >= 36
    assert f"curl -s {stack.api_url}/v1/wallets/{WALLET}/summary" in shown.stdout


@pytest.mark.usefixtures("summary")
def test_a_view_of_one_wallet_is_what_is_served_of_it(api: httpx.Client) -> None:
    """Asked for, worked out behind its queue, read where its job says; by another method too."""
    stored = api.get(f"{PATH}/positions?quotes=true&sort=pnl&limit=200").json()
    views = {}
    for method in ("fifo", "avg"):
        asked = api.post("/v1/analyses/positions", json={"wallets": [WALLET], "method": method})
        assert asked.status_code == 202, asked.text
        job = wait_for_job(api, asked.headers["Location"])
        assert job["status"] == "succeeded", job
        views[method] = api.get(f"{job['result']}?limit=200").json()

    differences = by_mint(stored, "difference")
    for view in views.values():
        assert view["transactions"] == 36
        assert [each["address"] for each in view["wallets"]] == [WALLET]
        assert view["wallets"][0]["as_of_slot"] == stored["as_of_slot"]
        assert by_mint(view, "difference") == differences
    name = "realized_pnl_lamports"
    assert by_mint(views["fifo"], name) == by_mint(stored, name)


def by_mint(page: dict[str, Any], field: str) -> dict[str, Any]:
    """One field of each position of a page."""
    return {item["held"]["mint"]: item[field] for item in page["items"]}


def test_the_deployed_api_keeps_to_its_description(
    stack: RunningStack, api: httpx.Client, summary: dict[str, Any]
) -> None:
    """A few requests of each kind to each operation: the gateway adds and takes nothing."""
    held = api.get(f"{PATH}/positions").json()["items"][0]["held"]
    job = api.post(f"{PATH}/history/backfill").json()["id"]
    schema = schemathesis.openapi.from_url(f"{stack.api_url}/v1/openapi.json")
    schema.config.update(base_url=stack.api_url)

    tally = send_all(
        schema,
        {
            **dict.fromkeys(("address", "wallet"), summary["address"]),
            **dict.fromkeys(("from", "to", "since", "cursor", "kinds", "min_usd")),
            "wallets": [summary["address"]],
            "mint": held["mint"],
            "job_id": job,
            "code": "not_found",
            "older": "30d",
        },
        examples=DESCRIBED_EXAMPLES,
    )

    assert [str(finding) for finding in tally.findings] == []
