"""Backfills as jobs: accepted, joined, watched, and their owner's alone."""

import pytest

from oof.domain.jobs import Progress, WorkStatus
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from tests.support.serving import NOW_S, WALLET, Serving, caller, summary

OTHER = Address("9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin")
BACKFILL = f"/v1/wallets/{WALLET}/history/backfill"
DAY = 86_400


@pytest.fixture
def serving() -> Serving:
    """An API over empty stores."""
    return Serving()


def test_a_backfill_is_accepted_as_a_job(serving: Serving) -> None:
    """202 with Location; the job shows progress, an estimate, and how it ended."""
    serving.summaries.put_if_newer(summary())
    call = caller(serving.api())

    accepted = call("POST", f"{BACKFILL}?older=60d")
    (run,) = serving.runs.runs.values()
    work_id = str(run.work_id)
    serving.works.report(work_id, 1, Progress(10, 40, "signatures"), at=UnixSeconds(NOW_S + 5))
    serving.clock.advance(seconds=15)
    running = call("GET", accepted.headers["Location"]).json
    serving.works.finish(
        work_id, 1, WorkStatus.PARTIAL, at=UnixSeconds(NOW_S + 20), reason="signatures"
    )
    ended = call("GET", accepted.headers["Location"]).json

    assert accepted.status == 202
    assert accepted.headers["Location"] == f"/v1/jobs/{accepted.json['id']}"
    assert (run.mode, run.target_time) == ("deep", NOW_S - 60 * DAY)
    assert running["status"] == "running"
    assert running["progress"] == {
        "done": 10,
        "total": 40,
        "expected": None,
        "unit": "signatures",
        "eta_s": 5,
    }
    assert (ended["status"], ended["reason"]) == ("partial", "signatures")
    assert ended["finished_at"] == "2025-06-01T12:30:20Z"


def test_a_cancelled_job_asks_its_work_to_stop(serving: Serving) -> None:
    """202, and the job says so; twice is once, and a stranger's is not found."""
    serving.summaries.put_if_newer(summary())
    api = serving.api()
    call = caller(api)
    job = call("POST", f"{BACKFILL}?older=60d").json
    (run,) = serving.runs.runs.values()

    strange = caller(api, ip="192.0.2.8")("POST", f"/v1/jobs/{job['id']}/cancel")
    answers = [call("POST", f"/v1/jobs/{job['id']}/cancel") for _ in range(2)]

    assert (strange.status, strange.json["code"]) == (404, "not_found")
    assert job["cancel_requested"] is False
    assert [(a.status, a.json["cancel_requested"]) for a in answers] == [(202, True)] * 2
    work = serving.works.get(str(run.work_id))
    assert work is not None
    assert work.is_cancel_requested


def test_work_that_another_waits_for_goes_on(serving: Serving) -> None:
    """Only the last one to leave stops it; who comes back waits for it again."""
    serving.summaries.put_if_newer(summary())
    api = serving.api()
    ann, bob = caller(api), caller(api, ip="192.0.2.8")
    jobs = [call("POST", f"{BACKFILL}?older=60d").json["id"] for call in (ann, bob)]

    left = ann("POST", f"/v1/jobs/{jobs[0]}/cancel").json
    ann("POST", f"{BACKFILL}?older=60d")
    second = bob("POST", f"/v1/jobs/{jobs[1]}/cancel").json
    last = ann("POST", f"/v1/jobs/{jobs[0]}/cancel").json

    assert [each["cancel_requested"] for each in (left, second, last)] == [False, False, True]


def test_a_job_that_is_over_stays_as_it_ended(serving: Serving) -> None:
    """There is nothing to stop."""
    serving.summaries.put_if_newer(summary())
    call = caller(serving.api())
    job = call("POST", f"{BACKFILL}?older=60d").json["id"]
    (run,) = serving.runs.runs.values()
    serving.works.finish(str(run.work_id), 1, WorkStatus.SUCCEEDED, at=NOW_S)

    ended = call("POST", f"/v1/jobs/{job}/cancel").json

    assert (ended["status"], ended["cancel_requested"]) == ("succeeded", False)


def test_the_same_backfill_while_one_runs_is_the_same_job(serving: Serving) -> None:
    """Deterministic ids: one work, one job a caller; after its end it is another."""
    serving.summaries.put_if_newer(summary())
    call = caller(serving.api())

    first, second = (call("POST", f"{BACKFILL}?older=30d").json["id"] for _ in range(2))
    (run,) = serving.runs.runs.values()
    serving.works.finish(str(run.work_id), 1, WorkStatus.SUCCEEDED, at=NOW_S)
    third = call("POST", f"{BACKFILL}?older=30d").json["id"]

    assert first == second != third
    assert call("GET", f"/v1/jobs/{first}").json["status"] == "succeeded"
    assert call("GET", f"/v1/jobs/{third}").json["status"] == "queued"


def test_an_idempotency_key_stands_for_one_request(serving: Serving) -> None:
    """The same key and request is the same job even after its end; another request is refused."""
    serving.summaries.put_if_newer(summary())
    call = caller(serving.api())
    key = {"Idempotency-Key": "k-1"}

    first = call("POST", f"{BACKFILL}?older=30d", headers=key)
    (run,) = serving.runs.runs.values()
    serving.works.finish(str(run.work_id), 1, WorkStatus.SUCCEEDED, at=NOW_S)
    again = call("POST", f"{BACKFILL}?older=30d", headers=key)
    other = call("POST", f"{BACKFILL}?older=31d", headers=key)

    assert first.json["id"] == again.json["id"]
    assert len(serving.runs.runs) == 1
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("older", ["0d", "d", "-3d", "3w", "1e3d", "99999d"])
def test_an_unclear_reach_is_refused(serving: Serving, older: str) -> None:
    """`older` is a number of days."""
    answer = caller(serving.api())("POST", f"{BACKFILL}?older={older}")

    assert answer.status == 400
    assert answer.json["errors"][0]["field"] == "older"


def test_no_history_of_a_refused_wallet(serving: Serving) -> None:
    """What the guard refused is not fetched by another door."""
    serving.summaries.put_if_newer(summary(state=WalletState.REFUSED))

    answer = caller(serving.api())("POST", BACKFILL)

    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert serving.runs.runs == {}


def test_a_backfill_of_an_unseen_wallet_counts_as_opening(serving: Serving) -> None:
    """The cap on openings cannot be passed by asking for history instead."""
    serving.opens_per_caller = 1
    call = caller(serving.api())

    assert call("POST", BACKFILL).status == 202
    assert call("POST", f"/v1/wallets/{OTHER}/history/backfill").status == 429


def test_a_job_is_its_owners(serving: Serving) -> None:
    """Another caller does not even learn that the job exists."""
    serving.summaries.put_if_newer(summary())
    api = serving.api()
    location = caller(api, ip="192.0.2.1")("POST", BACKFILL).headers["Location"]

    assert caller(api, ip="192.0.2.1")("GET", location).status == 200
    assert caller(api, ip="192.0.2.2")("GET", location).status == 404
