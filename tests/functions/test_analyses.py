"""`/v1/analyses/positions`: asked for, worked out by its worker, and read by its owner alone."""

import importlib
from functools import cache
from types import SimpleNamespace
from unittest import mock

import orjson
import pytest

from oof.app.fold_view import FoldViewDeps
from oof.domain.errors import StoreUnavailable
from oof.domain.snapshot.model import WalletState
from oof.domain.units import SOL_MINT
from oof.ports.memory.facts import MemoryFactStore
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass
from tests.support.serving import WALLET, Serving, caller, summary

SEED, SIZE = 11, 12
PATH = "/v1/analyses/positions"
STRANGER = "198.51.100.1"


@cache
def world():
    """A world whose wallets are folded."""
    made = World(generated_history(SEED, SIZE), MemoryFactStore())
    clean_pass(made)
    return made


@pytest.fixture
def wallets():
    """Every wallet of the world."""
    return list(world().history.wallets)


@pytest.fixture
def serving(wallets):
    """An API over that world, and everything behind it."""
    serving = Serving(facts=world().inner)
    for wallet in wallets:
        serving.summaries.put_if_newer(summary(address=wallet))
    return serving


@pytest.fixture
def api(serving):
    """The API."""
    return serving.api()


@pytest.fixture
def call(api):
    """Calls of its owner."""
    return caller(api)


def ask(call, wallets, **options):
    """Ask for a group's positions."""
    headers = {"Content-Type": "application/json", **options.pop("headers", {})}
    body = orjson.dumps({"wallets": wallets, **options}).decode()
    return call("POST", PATH, headers=headers, body=body)


class Context:
    """A Lambda context with time left."""

    function_name, memory_limit_in_mb, aws_request_id = "worker_fold_view", 2048, "r"
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:f"

    def __init__(self, left_ms=300_000):
        self.left_ms = left_ms

    def get_remaining_time_in_millis(self):
        """What is left."""
        return self.left_ms


def work(serving, *, receives=1, left_ms=300_000, views=None):
    """Deliver what is queued to the worker; return what failed, and what was postponed."""
    handler = importlib.import_module("functions.worker_fold_view.handler")
    deps = FoldViewDeps(views=views or serving.views, works=serving.works, clock=serving.clock)
    postponed = []
    patience = SimpleNamespace(postpone=lambda handle, *, receives: postponed.append(receives))
    records = [record(place, sent, receives) for place, sent in enumerate(serving.analyses.sent)]
    with (
        mock.patch.object(handler, "fold_view_deps", return_value=deps),
        mock.patch.object(handler, "patience", return_value=patience),
    ):
        answer = handler.handler({"Records": records}, Context(left_ms))
    failed = [item["itemIdentifier"] for item in answer["batchItemFailures"]]
    if not failed:
        serving.analyses.sent.clear()
    return failed, postponed


def record(place, sent, receives):
    """One SQS record of analysis-operations."""
    return {
        "messageId": f"m{place}",
        "receiptHandle": f"h{place}",
        "body": orjson.dumps({"schema_version": 1, **sent._asdict()}).decode(),
        "attributes": {
            "ApproximateReceiveCount": str(receives),
            "SentTimestamp": "1767225600000",
            "SenderId": "AIDA",
            "ApproximateFirstReceiveTimestamp": "1767225600001",
        },
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:oof-test-analysis-operations",
        "awsRegion": "eu-central-1",
    }


def test_a_group_is_asked_for_worked_out_and_read(serving, call, wallets):
    """The job leads to the positions; each member says how it stood."""
    asked = ask(call, wallets, method="hifo")
    assert asked.status == 202
    assert (asked.json["status"], asked.json["kind"]) == ("queued", "fold_view")
    assert (asked.json["result"], asked.json["progress"]["unit"]) == (None, "transactions")

    assert work(serving) == ([], [])

    job = call("GET", asked.headers["Location"]).json
    assert (job["status"], job["progress"]["done"]) == ("succeeded", job["progress"]["total"])
    answer = call("GET", job["result"])
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    found = answer.json
    assert (found["method"], found["transactions"]) == ("hifo", job["progress"]["done"])
    assert [each["address"] for each in found["wallets"]] == sorted(wallets)
    assert all(each["as_of_slot"] for each in found["wallets"])
    assert SOL_MINT in {each["held"]["mint"] for each in found["items"]}
    tokens = [each for each in found["items"] if not each["is_quote"]]
    assert int(found["totals"]["realized_pnl_lamports"]) == sum(
        int(each["realized_pnl_lamports"]) for each in tokens
    )
    notes = [each.note for each in serving.works.events(work_id(job), after_seq=0, limit=99)]
    assert notes == [None, "begun", "view_kept", None]


def work_id(job):
    """The work of a job's result."""
    return f"fold_view-{job['result'].rpartition('/')[2]}"


def test_pages_join_to_the_whole(serving, call, wallets):
    """Once each, highest profit first; a cursor is good for nobody else."""
    path = done(serving, call, wallets)
    whole = call("GET", path).json["items"]

    found, cursor = [], ""
    while cursor is not None:
        page = call("GET", f"{path}?limit=2{cursor and f'&cursor={cursor}'}").json
        found += page["items"]
        cursor = page["next_cursor"]

    assert found == whole
    profits = [int(each["realized_pnl_lamports"]) for each in found]
    assert profits == sorted(profits, reverse=True)
    cursor = call("GET", f"{path}?limit=2").json["next_cursor"]
    assert call("GET", f"{path}?cursor={cursor[:-2]}").status == 400


def done(serving, call, wallets, **options):
    """Ask, work and return where the result is."""
    location = ask(call, wallets, **options).headers["Location"]
    work(serving)
    return call("GET", location).json["result"]


def test_what_has_no_price_is_null_and_counted(serving, call, wallets):
    """Nobody told a price: no dollar is made up."""
    found = call("GET", done(serving, call, wallets)).json

    totals = found["totals"]
    assert totals["pending_exits_usd"] > 0
    assert totals["realized_pnl_usd"] is None
    held = [each for each in found["items"] if int(each["held"]["raw"])]
    assert {each["cost_usd"] for each in held} == {None}


def test_a_view_is_its_owner_s_alone(serving, api, call, wallets):
    """To others it is not there, and neither is its job; what they ask for is their own."""
    asked = ask(call, wallets)
    path = done(serving, call, wallets)
    stranger = caller(api, ip=STRANGER)

    assert stranger("GET", path).status == 404
    assert stranger("GET", asked.headers["Location"]).status == 404
    assert done(serving, stranger, wallets) != path


@pytest.mark.parametrize("name", ["nothing", "0" * 32, "G" * 32])
def test_what_is_not_there_is_not_found(call, name):
    """Whatever it is called."""
    answer = call("GET", f"{PATH}/{name}")

    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_the_same_request_while_one_runs_is_the_same_job(serving, call, wallets):
    """Whatever the order of its wallets; another choice is another one."""
    first = ask(call, wallets).json
    again = ask(call, [*reversed(wallets), wallets[0]], method="fifo").json
    other = ask(call, wallets, method="lifo").json

    assert again["id"] == first["id"] != other["id"]
    assert len(serving.analyses.sent) == 2


def test_what_was_never_handed_over_is_handed_over_again(serving, call, wallets):
    """Whoever queued it may have died before; somebody who asks again sees to it."""
    ask(call, wallets)
    serving.analyses.sent.clear()

    serving.clock.advance(seconds=31)
    ask(call, wallets)

    assert len(serving.analyses.sent) == 1


def test_a_key_stands_for_its_first_request(serving, call, wallets):
    """Within a day it is that job, even once it is over; for another request it is refused."""
    keyed = {"Idempotency-Key": "one"}
    first = ask(call, wallets, headers=keyed).json
    work(serving)

    again = ask(call, wallets, headers=keyed).json
    other = ask(call, wallets, method="avg", headers=keyed)

    assert (again["id"], again["status"]) == (first["id"], "succeeded")
    assert serving.analyses.sent == []
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


def test_asking_again_later_changes_nothing(serving, call, wallets):
    """Another job, the same place, the same view, made when it was made."""
    path = done(serving, call, wallets)
    before = call("GET", path)
    serving.clock.advance(hours=1)

    assert done(serving, call, wallets) == path

    after = call("GET", path)
    assert after.headers["ETag"] == before.headers["ETag"]
    assert after.json["computed_at"] == before.json["computed_at"]
    assert after.json["expires_at"] > before.json["expires_at"]
    tag = {"If-None-Match": before.headers["ETag"]}
    assert call("GET", path, headers=tag).status == 304


def test_an_expired_view_is_gone(serving, call, wallets):
    """After a week that nobody asked for it again."""
    path = done(serving, call, wallets)

    serving.clock.advance(days=7, seconds=1)

    assert call("GET", path).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"wallets": []}, "wallets"),
        ({"wallets": [WALLET] * 21}, "wallets"),
        ({"wallets": ["nobody"]}, "wallets"),
        ({"wallets": [WALLET], "method": "best"}, "method"),
        ({"wallets": [WALLET], "mood": "good"}, "mood"),
        ({"method": "fifo"}, "wallets"),
    ],
)
def test_what_is_asked_wrongly_is_refused_by_name(call, body, field):
    """Each field says what was expected."""
    answer = call(
        "POST",
        PATH,
        headers={"Content-Type": "application/json"},
        body=orjson.dumps(body).decode(),
    )

    assert (answer.status, answer.json["code"]) == (400, "invalid_input")
    assert field in {each["field"] for each in answer.json["errors"]}


def test_a_wallet_that_was_never_opened_is_refused(serving, call, wallets):
    """A view fetches nothing, so there is nothing to fold."""
    answer = ask(call, [*wallets, WALLET])

    assert (answer.status, answer.json["code"]) == (400, "invalid_input")
    assert WALLET in answer.json["detail"]
    assert serving.analyses.sent == []


def test_a_wallet_that_is_refused_is_forbidden(serving, call, wallets):
    """Nothing is stored of it."""
    serving.summaries.put_if_newer(summary(address=WALLET, state=WalletState.TOO_ACTIVE))

    answer = ask(call, [*wallets, WALLET])

    assert (answer.status, answer.json["code"]) == (403, "forbidden")


def test_only_so_many_are_begun_within_a_minute(serving, api, wallets):
    """Joining what runs is free; the next minute is another one."""
    call = caller(api)
    choices = [
        {"method": m, "realize_exchange_transfers": r}
        for m in ("fifo", "lifo", "avg")
        for r in (True, False)
    ]
    answers = [ask(call, wallets, **choice) for choice in choices]

    assert [answer.status for answer in answers] == [202] * 5 + [429]
    refused = answers[-1]
    assert refused.json["code"] == "too_many_analyses"
    assert refused.headers["RateLimit-Policy"] == '"analyses";q=5;w=60'
    assert ask(call, wallets, **choices[0]).status == 202
    serving.clock.advance(seconds=int(refused.headers["Retry-After"]))
    assert ask(call, wallets, **choices[-1]).status == 202


def test_a_cancelled_view_keeps_nothing(serving, call, wallets):
    """It stops before its first page."""
    location = ask(call, wallets).headers["Location"]
    call("POST", f"{location}/cancel")

    assert work(serving) == ([], [])

    job = call("GET", location).json
    assert (job["status"], job["reason"], job["result"]) == ("cancelled", "cancelled", None)


def test_a_view_that_takes_too_long_has_failed(serving, call, wallets):
    """Trying again could not help: its message is not delivered again."""
    location = ask(call, wallets).headers["Location"]

    assert work(serving, left_ms=10_000) == ([], [])

    job = call("GET", location).json
    assert (job["status"], job["reason"]) == ("failed", "timed_out")


class Absent:
    """A store that fails."""

    def __init__(self, fault):
        self.fault = fault

    def snapshot(self):
        """Fail."""
        raise self.fault


def test_an_absent_store_is_waited_for_however_long(serving, call, wallets):
    """The job stays, and ends once the store is back."""
    location = ask(call, wallets).headers["Location"]

    failed, postponed = work(serving, receives=40, views=Absent(StoreUnavailable("down")))
    assert (failed, postponed) == (["m0"], [40])
    assert call("GET", location).json["status"] == "queued"

    assert work(serving, receives=41) == ([], [])
    assert call("GET", location).json["status"] == "succeeded"


def test_a_mistake_of_ours_is_tried_again_then_given_up(serving, call, wallets, caplog):
    """Its caller is told, and an alarm rings by the line that is logged."""
    location = ask(call, wallets).headers["Location"]
    broken = Absent(ZeroDivisionError("a mistake"))

    assert work(serving, receives=4, views=broken) == (["m0"], [4])
    assert work(serving, receives=5, views=broken) == ([], [])

    job = call("GET", location).json
    assert (job["status"], job["reason"]) == ("failed", "fold_failed")
    assert "view_given_up" in caplog.messages


def test_a_message_of_an_attempt_that_is_over_is_acknowledged(serving, call, wallets):
    """Delivered twice it is worked out once."""
    ask(call, wallets)
    sent = list(serving.analyses.sent)
    work(serving)
    serving.analyses.sent[:] = sent

    assert work(serving) == ([], [])

    [only] = {
        each.seq // 1_000_000
        for each in serving.works.events(sent[0].work_id, after_seq=0, limit=99)
    }
    assert only == 1
