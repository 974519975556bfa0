"""Work moves through its states by pure transitions."""

import re

import pytest

from oof.domain.jobs import (
    NOTHING_DONE,
    SEQS_PER_ATTEMPT,
    Progress,
    Work,
    WorkKind,
    WorkRequest,
    WorkStatus,
    begin_attempt,
    eta_s,
    event_of,
    finish_attempt,
    report_progress,
    request_cancel,
)
from oof.domain.units import Address, UnixSeconds

WALLET = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")
REQUEST = WorkRequest(kind=WorkKind.BACKFILL_HISTORY, wallet=WALLET, params={"days": "30"})
FINAL = [status for status in WorkStatus if status.is_final]
T0 = UnixSeconds(1_000)


def begun() -> Work:
    """A work just queued."""
    work = begin_attempt(None, REQUEST, at=T0, stale_after_s=60)
    assert work is not None
    return work


def test_the_key_is_the_input_and_names_an_execution() -> None:
    """Equal input, in any order, is one work; its name is fit for the workflow service."""
    one = WorkRequest(kind=WorkKind.OPEN_WALLET, wallet=WALLET, params={"a": "1", "b": "2"})
    two = WorkRequest(kind=WorkKind.OPEN_WALLET, wallet=WALLET, params={"b": "2", "a": "1"})

    assert one.work_id == two.work_id
    assert one.work_id != REQUEST.work_id
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,80}", begun().execution_name)


def test_four_statuses_are_final() -> None:
    """Queued and running are under way; the others end an attempt."""
    assert set(FINAL) == set(WorkStatus) - {WorkStatus.QUEUED, WorkStatus.RUNNING}


def test_an_attempt_under_way_is_joined() -> None:
    """No second attempt while one reports."""
    work = begun()

    assert begin_attempt(work, REQUEST, at=UnixSeconds(T0 + 59), stale_after_s=60) is None
    superseded = begin_attempt(work, REQUEST, at=UnixSeconds(T0 + 60), stale_after_s=60)
    assert superseded is not None
    assert superseded.attempt == 2


def test_the_log_rises_over_attempts() -> None:
    """Numbers of a later attempt are above all of an earlier one."""
    work = begun()
    running = report_progress(work, 1, Progress(5, None, "signatures"), at=UnixSeconds(T0 + 1))
    assert running is not None
    ended = finish_attempt(running, 1, WorkStatus.FAILED, at=UnixSeconds(T0 + 2), reason="x")
    assert ended is not None
    again = begin_attempt(ended, REQUEST, at=UnixSeconds(T0 + 3), stale_after_s=60)
    assert again is not None

    seqs = [event_of(each).seq for each in (work, running, ended, again)]
    assert seqs == [SEQS_PER_ATTEMPT, SEQS_PER_ATTEMPT + 1, SEQS_PER_ATTEMPT + 2, 2_000_000]
    assert (again.progress, again.reason, again.finished_at) == (NOTHING_DONE, None, None)


@pytest.mark.parametrize("status", FINAL)
def test_what_is_final_stays(status: WorkStatus) -> None:
    """No report, end or wish changes an attempt that is over."""
    ended = finish_attempt(begun(), 1, status, at=T0, reason=None)
    assert ended is not None

    assert report_progress(ended, 1, NOTHING_DONE, at=T0) is None
    assert finish_attempt(ended, 1, WorkStatus.SUCCEEDED, at=T0, reason=None) is None
    assert request_cancel(ended, 1, at=T0) is None


def test_another_attempts_reports_are_late() -> None:
    """A step of a superseded attempt changes nothing."""
    work = begun()

    assert report_progress(work, 2, NOTHING_DONE, at=T0) is None
    assert finish_attempt(work, 2, WorkStatus.FAILED, at=T0, reason="x") is None
    assert request_cancel(work, 2, at=T0) is None


def test_the_first_report_starts_the_clock() -> None:
    """`started_at` is the first report's, not the last's."""
    work = begun()
    for seconds in (5, 9):
        reported = report_progress(work, 1, NOTHING_DONE, at=UnixSeconds(T0 + seconds))
        assert reported is not None
        work = reported

    assert (work.started_at, work.updated_at) == (T0 + 5, T0 + 9)


@pytest.mark.parametrize("status", [WorkStatus.QUEUED, WorkStatus.RUNNING])
def test_an_attempt_ends_with_a_final_status(status: WorkStatus) -> None:
    """Ending something as running is a mistake of ours."""
    with pytest.raises(ValueError, match="does not end"):
        finish_attempt(begun(), 1, status, at=T0, reason=None)


@pytest.mark.parametrize(
    ("progress", "at", "expected"),
    [
        (Progress(10, 40, "signatures"), 120, 60),
        (Progress(3, 10, "signatures"), 110, 14),
        (Progress(10, 40, "signatures"), 104, 0),
        (Progress(10, 10, "signatures"), 120, 0),
        (Progress(12, 10, "signatures"), 120, 0),
        (Progress(10, None, "signatures"), 120, None),
        (Progress(10, None, "signatures", expected=40), 120, 60),
        (Progress(10, 20, "signatures", expected=40), 120, 20),
        (Progress(0, 10, "signatures"), 120, None),
    ],
)
def test_the_estimate_goes_on_at_the_pace_measured(
    progress: Progress, at: int, expected: int | None
) -> None:
    """Rounded up, running down while nothing is reported; none where there is no telling."""
    since, now = UnixSeconds(100), UnixSeconds(120)

    assert eta_s(progress, since=since, at=UnixSeconds(at), now=now) == expected


def test_progress_is_counted_in_what_the_work_is_made_of() -> None:
    """Views of stored transactions, sums of tokens; everything else brings in signatures."""
    units = {kind: kind.unit for kind in WorkKind}

    assert units == {
        WorkKind.OPEN_WALLET: "signatures",
        WorkKind.BACKFILL_HISTORY: "signatures",
        WorkKind.FOLD_VIEW: "transactions",
        WorkKind.SUM_TOKENS: "tokens",
    }
