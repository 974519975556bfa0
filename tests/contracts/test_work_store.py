"""What every `WorkStore`, `JobStore` and `RequestMemory` keeps to."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from oof.adapters.dynamo.items import HotTable
from oof.adapters.dynamo.job_store import DynamoJobStore, DynamoRequestMemory
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.domain.errors import NotFound
from oof.domain.jobs import Job, Progress, WorkKind, WorkRequest, WorkStatus
from oof.domain.units import Address, UnixSeconds
from oof.ports.jobs import JobStore, RememberedRequest, RequestMemory, WorkStore
from oof.ports.memory.jobs import MemoryJobStore, MemoryRequestMemory, MemoryWorkStore

WALLET = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")
REQUEST = WorkRequest(kind=WorkKind.OPEN_WALLET, wallet=WALLET, params={"days": "14"})
T0 = UnixSeconds(1_700_000_000)


def at(seconds: int) -> UnixSeconds:
    """A moment after the start."""
    return UnixSeconds(T0 + seconds)


@pytest.fixture(params=["memory", "dynamo"])
def works(request: pytest.FixtureRequest) -> WorkStore:
    """Each implementation in turn."""
    if request.param == "memory":
        return MemoryWorkStore()
    table: HotTable = request.getfixturevalue("dynamo_table")
    return DynamoWorkStore(table)


@pytest.fixture(params=["memory", "dynamo"])
def jobs(request: pytest.FixtureRequest) -> JobStore:
    """Each implementation in turn."""
    if request.param == "memory":
        return MemoryJobStore()
    table: HotTable = request.getfixturevalue("dynamo_table")
    return DynamoJobStore(table)


@pytest.fixture(params=["memory", "dynamo"])
def requests(request: pytest.FixtureRequest) -> RequestMemory:
    """Each implementation in turn."""
    if request.param == "memory":
        return MemoryRequestMemory()
    table: HotTable = request.getfixturevalue("dynamo_table")
    return DynamoRequestMemory(table)


def test_asking_twice_is_doing_once(works: WorkStore) -> None:
    """The same input while an attempt is under way joins it."""
    first = works.begin(REQUEST, at=at(0), stale_after_s=60)
    second = works.begin(REQUEST, at=at(5), stale_after_s=60)

    assert first.is_new
    assert not second.is_new
    assert first.work == second.work == works.get(REQUEST.work_id)
    assert first.work.execution_name == f"{REQUEST.work_id}-1"


def test_other_input_is_other_work(works: WorkStore) -> None:
    """Any difference of the input keys a work of its own."""
    other = WorkRequest(kind=REQUEST.kind, wallet=WALLET, params={"days": "30"})

    begun = [works.begin(each, at=at(0), stale_after_s=60) for each in (REQUEST, other)]

    assert [each.is_new for each in begun] == [True, True]
    assert begun[0].work.work_id != begun[1].work.work_id


def test_progress_and_outcome_are_logged_in_order(works: WorkStore) -> None:
    """State follows the reports; the log keeps each, numbered upwards."""
    work = works.begin(REQUEST, at=at(0), stale_after_s=60).work
    page = Progress(done=25, total=None, unit="signatures")
    whole = Progress(done=40, total=40, unit="signatures")

    assert works.report(work.work_id, 1, page, at=at(1), note="page_stored")
    assert works.report(work.work_id, 1, whole, at=at(2))
    assert works.finish(work.work_id, 1, WorkStatus.PARTIAL, at=at(3), reason="signatures")

    state = works.get(work.work_id)
    assert state is not None
    assert (state.status, state.progress, state.reason) == (
        WorkStatus.PARTIAL,
        whole,
        "signatures",
    )
    assert (state.started_at, state.finished_at) == (at(1), at(3))
    log = works.events(work.work_id, after_seq=0, limit=10)
    assert [event.status for event in log] == ["queued", "running", "running", "partial"]
    assert [event.note for event in log] == [None, "page_stored", None, None]
    assert [event.seq for event in log] == [1_000_000, 1_000_001, 1_000_002, 1_000_003]
    assert works.events(work.work_id, after_seq=log[1].seq, limit=1) == (log[2],)
    assert works.last_event(work.work_id, 1) == log[3]


def test_a_finished_attempt_stays_as_it_ended(works: WorkStore) -> None:
    """Late reports and a second end change nothing."""
    work = works.begin(REQUEST, at=at(0), stale_after_s=60).work
    works.finish(work.work_id, 1, WorkStatus.SUCCEEDED, at=at(1))
    ended = works.get(work.work_id)

    late = Progress(done=1, total=2, unit="signatures")
    assert not works.report(work.work_id, 1, late, at=at(2))
    assert not works.finish(work.work_id, 1, WorkStatus.FAILED, at=at(2), reason="late")
    assert not works.request_cancel(work.work_id, 1, at=at(2))
    assert works.get(work.work_id) == ended


def test_a_finished_work_may_be_begun_again(works: WorkStore) -> None:
    """The next attempt starts anew; the first one's outcome stays readable."""
    works.begin(REQUEST, at=at(0), stale_after_s=60)
    works.finish(REQUEST.work_id, 1, WorkStatus.FAILED, at=at(1), reason="upstream_unavailable")

    again = works.begin(REQUEST, at=at(2), stale_after_s=60)

    assert again.is_new
    assert (again.work.attempt, again.work.status) == (2, WorkStatus.QUEUED)
    outcome = works.last_event(REQUEST.work_id, 1)
    assert outcome is not None
    assert (outcome.status, outcome.reason) == (WorkStatus.FAILED, "upstream_unavailable")
    assert not works.report(REQUEST.work_id, 1, again.work.progress, at=at(3))


def test_a_silent_attempt_is_superseded(works: WorkStore) -> None:
    """An attempt that reported nothing for long is taken to be dead."""
    works.begin(REQUEST, at=at(0), stale_after_s=60)
    works.report(REQUEST.work_id, 1, Progress(1, None, "signatures"), at=at(50))

    assert not works.begin(REQUEST, at=at(109), stale_after_s=60).is_new
    assert works.begin(REQUEST, at=at(110), stale_after_s=60).work.attempt == 2


def test_cancelling_is_asked_once(works: WorkStore) -> None:
    """The wish is kept on the running attempt, which ends itself."""
    works.begin(REQUEST, at=at(0), stale_after_s=60)

    assert works.request_cancel(REQUEST.work_id, 1, at=at(1))
    assert not works.request_cancel(REQUEST.work_id, 1, at=at(2))
    state = works.get(REQUEST.work_id)
    assert state is not None
    assert state.is_cancel_requested
    assert state.status is WorkStatus.QUEUED


def test_unknown_work_is_not_found(works: WorkStore) -> None:
    """Nothing is reported on what was never begun."""
    assert works.get("nothing") is None
    assert works.last_event("nothing", 1) is None
    assert works.events("nothing", after_seq=0, limit=5) == ()
    with pytest.raises(NotFound):
        works.report("nothing", 1, Progress(1, None, "signatures"), at=at(0))


def test_one_of_many_at_once_begins(works: WorkStore) -> None:
    """Callers who race queue exactly one attempt."""
    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(lambda _: works.begin(REQUEST, at=at(0), stale_after_s=60), range(8)))

    assert sum(each.is_new for each in begun) == 1
    assert {each.work.attempt for each in begun} == {1}


def test_jobs_are_kept_as_first_put(jobs: JobStore) -> None:
    """A job is found by its id; putting it again changes nothing."""
    job = Job(
        job_id="j1",
        owner="192.0.2.7",
        work_id=REQUEST.work_id,
        attempt=1,
        kind=WorkKind.OPEN_WALLET,
        wallet=WALLET,
        created_at=at(0),
    )
    jobs.put(job, expires_at=at(1000))
    jobs.put(job, expires_at=at(2000))

    assert jobs.get("j1") == job
    assert jobs.get("j2") is None


def test_the_last_to_leave_is_told_so(jobs: JobStore) -> None:
    """Followers of an attempt are known, each once; another attempt's are not counted."""
    names = {"j1": 1, "j2": 1, "j3": 2}
    made = {
        name: Job(
            job_id=name,
            owner=name,
            work_id="left-alone",
            attempt=attempt,
            kind=WorkKind.OPEN_WALLET,
            wallet=WALLET,
            created_at=at(0),
        )
        for name, attempt in names.items()
    }
    for job in (*made.values(), made["j1"]):
        jobs.put(job, expires_at=at(1000))

    assert jobs.leave(made["j1"])
    assert jobs.leave(made["j1"])
    assert not jobs.leave(made["j2"])
    assert jobs.get("j1") == made["j1"]
    jobs.put(made["j1"], expires_at=at(1000))
    assert jobs.leave(made["j2"])


def test_an_idempotency_key_means_its_first_request(requests: RequestMemory) -> None:
    """Within its lifetime a key belongs to the caller's first request."""
    first, second = RememberedRequest("f1", "j1"), RememberedRequest("f2", "j2")

    assert requests.remember("a", "k", first, at=at(0), expires_at=at(10)) == first
    assert requests.remember("a", "k", second, at=at(9), expires_at=at(19)) == first
    assert requests.recall("a", "k", at=at(9)) == first
    assert requests.recall("b", "k", at=at(9)) is None
    assert requests.recall("a", "k", at=at(10)) is None
    assert requests.remember("a", "k", second, at=at(10), expires_at=at(20)) == second
