"""`/v1/wallets/{address}/token-performance`: windows at once, other days once they are summed."""

import csv
import importlib
import io
from unittest import mock

import pytest

from oof.app.fold_view import GIVE_UP_RECEIVES
from oof.app.sum_tokens import KEPT, SumTokensDeps, drop_sums, sum_tokens
from oof.domain.jobs import WorkStatus
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.token_results import MemoryTokenResults
from tests.contracts import test_token_results as results
from tests.contracts.test_pnl_reader import WALLET
from tests.functions import test_analyses
from tests.support.serving import Serving, caller

PATH = f"/v1/wallets/{WALLET}/token-performance"
DAYS = f"{PATH}?from=1970-10-28&to=1971-02-04"
"""From day 300 to day 399."""


@pytest.fixture
def serving():
    """An API over a wallet that traded coins."""
    facts = MemoryFactStore()
    results.fill(facts)
    return Serving(facts=facts)


@pytest.fixture
def call(serving):
    """Sends requests."""
    return caller(serving.api())


def summing(serving):
    """What the worker works with."""
    return SumTokensDeps(sums=serving.token_results, works=serving.works, clock=serving.clock)


def work(serving):
    """Deliver what is queued to the worker that folds views too."""
    handler = importlib.import_module("functions.worker_fold_view.handler")
    with mock.patch.object(handler, "sum_tokens_deps", return_value=summing(serving)):
        assert test_analyses.work(serving) == ([], [])
    assert serving.analyses.sent == []


def test_a_window_is_told_with_the_days_it_has(call):
    """As it was summed, newest trade first; what is not known is null."""
    found = call("GET", f"{PATH}?window=90d").json
    assert found["window"] == {"code": "90d", "from": "1970-11-08", "to": "1971-02-05"}
    assert len(found["items"]) == 10
    slots = [item["last_slot"] for item in found["items"]]
    assert slots == sorted(slots, reverse=True)
    [first, *_] = found["items"]
    assert (first["held"], first["symbol"], first["win_rate"]) == (None, None, None)
    assert {item["roi"] for item in found["items"]} >= {None}


@pytest.mark.parametrize("sort", ["last_trade", "realized_usd", "roi", "volume_usd"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_join_to_the_whole(call, sort, order):
    """By the cursor, in any order; a cursor of another order is refused."""
    path = f"{PATH}?sort={sort}&order={order}"
    whole = call("GET", f"{path}&limit=50").json["items"]
    joined, cursor = [], ""
    while cursor is not None:
        page = call("GET", f"{path}&limit=3{cursor and f'&cursor={cursor}'}").json
        joined += page["items"]
        cursor = page["next_cursor"]
        if cursor is not None:
            other = "asc" if order == "desc" else "desc"
            refused = call("GET", f"{PATH}?sort={sort}&order={other}&limit=3&cursor={cursor}")
            assert refused.json["code"] == "invalid_cursor"
    assert joined == whole


@pytest.mark.parametrize(
    ("query", "headers"),
    [("&format=csv", {}), ("", {"Accept": "text/csv"}), ("&format=csv", {"Accept": "text/html"})],
)
def test_lines_tell_the_same(call, query, headers):
    """By format, or by what the caller accepts; `Link` leads to the next page."""
    whole = call("GET", f"{PATH}?limit=50").json["items"]
    target: str | None = f"{PATH}?limit=4{query}"
    lines: list[dict[str, str]] = []
    while target:
        answer = call("GET", target, headers=headers)
        assert answer.headers["Content-Type"] == "text/csv"
        assert answer.headers["Vary"] == "Accept"
        lines += csv.DictReader(io.StringIO(answer.text))
        link = answer.headers.get("Link")
        target = None if link is None else link[1 : link.index(">")]
    assert [line["mint"] for line in lines] == [item["mint"] for item in whole]
    assert [line["roi"] for line in lines] == [item["roi"] or "" for item in whole]


@pytest.mark.parametrize("accept", ["application/json, text/csv", "*/*", ""])
def test_who_takes_both_gets_json(call, accept):
    """As everywhere."""
    answer = call("GET", PATH, headers={"Accept": accept})
    assert answer.headers["Content-Type"] == "application/json"


def test_other_days_are_summed_first_and_once(serving, call):
    """Whoever asks: one work, a job each; then the same request is the answer."""
    answer = call("GET", DAYS)
    assert answer.status == 202
    assert call("GET", DAYS).json["id"] == answer.json["id"]
    other = caller(serving.api(), ip="192.0.2.99")("GET", DAYS)
    assert other.json["id"] != answer.json["id"]
    assert len(serving.analyses.sent) == 1

    work(serving)
    job = call("GET", answer.headers["Location"]).json
    assert (job["status"], job["kind"], job["progress"]["done"]) == ("succeeded", "sum_tokens", 2)
    assert job["result"] == DAYS
    found = call("GET", DAYS).json
    assert found["window"] == {"code": None, "from": "1970-10-28", "to": "1971-02-04"}
    assert {item["exits"] for item in found["items"]} == {1}
    assert len(found["items"]) == 2
    lines = call("GET", DAYS, headers={"Accept": "text/csv"})
    assert len(lines.text.splitlines()) == 3


def test_what_expires_while_it_is_read_is_not_made_up(serving, call):
    """A cursor into it says so; asking anew sums anew."""
    call("GET", DAYS)
    work(serving)
    cursor = call("GET", f"{DAYS}&limit=1").json["next_cursor"]
    serving.clock.advance(seconds=int(KEPT.total_seconds()))
    refused = call("GET", f"{DAYS}&limit=1&cursor={cursor}")
    assert (refused.status, refused.json["code"]) == (400, "invalid_cursor")
    assert call("GET", DAYS).status == 202
    assert drop_sums(sums=serving.token_results, clock=serving.clock) == 1


def test_a_wallet_nobody_asked_for_has_no_tokens():
    """Nothing is begun for it."""
    serving = Serving()
    call = caller(serving.api())
    assert call("GET", PATH).json["items"] == []
    assert call("GET", DAYS.replace("1970-10-28", "2025-01-01").replace("1971", "2025")).status == (
        200
    )
    assert serving.analyses.sent == []


def test_only_so_many_days_are_summed_a_minute(call):
    """By one caller; days that are under way count once."""
    statuses = [call("GET", f"{PATH}?from=1970-10-{day:02}").status for day in range(1, 8)]
    assert statuses == [202] * 5 + [429] * 2
    assert call("GET", f"{PATH}?from=1970-10-01").status == 202


class Broken(MemoryTokenResults):
    """Sums that fail."""

    def sum_days(self, *_, **__):
        """Fail."""
        raise ZeroDivisionError


def test_what_keeps_failing_ends(serving, call):
    """After so many deliveries, and is told; a delivery after the end changes nothing."""
    answer = call("GET", DAYS)
    [asked] = serving.analyses.sent
    deps = SumTokensDeps(sums=Broken(serving.facts), works=serving.works, clock=serving.clock)
    with pytest.raises(ZeroDivisionError):
        sum_tokens(asked.work_id, asked.attempt, receives=1, deps=deps)
    summed = sum_tokens(asked.work_id, asked.attempt, receives=GIVE_UP_RECEIVES, deps=deps)
    assert summed.status is WorkStatus.FAILED
    job = call("GET", answer.headers["Location"]).json
    assert (job["status"], job["reason"], job["result"]) == ("failed", "sum_failed", None)
    again = sum_tokens(asked.work_id, asked.attempt, receives=1, deps=summing(serving))
    assert again.status is None
