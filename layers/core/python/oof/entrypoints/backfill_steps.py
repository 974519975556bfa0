"""What each step of a backfill does with the workflow's state."""

from collections.abc import Callable

from oof.app.check_account import check_account
from oof.app.fetch_transactions import fetch_transactions
from oof.app.finish_chunk import FinishDeps, finish_chunk
from oof.app.lease_signatures import LeaseDeps, lease_signatures
from oof.app.list_signatures import list_signatures
from oof.app.plan_backfill import Next, PlanDeps, plan_backfill
from oof.app.record_failure import FailureDeps, record_failure
from oof.app.run_documents import RunDocuments
from oof.domain.backfill import Limits, Mode
from oof.entrypoints.step import RunState
from oof.ports.backfill import RunRecord
from oof.ports.system import unix_now
from oof.ports.upstream import ChainSource
from oof.ports.workflow import RunStarter

type Json = dict[str, object]


def plan(state: RunState, deps: PlanDeps) -> Json:
    """Write the next page's cursor, or end the run."""
    next_ = plan_backfill(deps, state.run, page=state.page, verdict=state.verdict)
    return state.then(next_)


def check(state: RunState, chain: ChainSource) -> Json:
    """Ask the guard."""
    verdict = check_account(chain, state.run.wallet)
    return state.then(Next.PLAN, verdict=verdict, **_spent(state, chain))


def list_page(state: RunState, chain: ChainSource, documents: RunDocuments, limits: Limits) -> Json:
    """Take pages off the listings; those with something in them are brought in side by side."""
    pages = list_signatures(chain, documents, page=state.page, limits=limits)
    # the first page may be empty and yet bring back what could not be fetched before
    batch = tuple(
        state.of_page(number)
        for number, page in enumerate(pages, start=state.page)
        if (page.entries or number == 0) and not page.is_too_active
    )
    next_ = Next.LEASE if batch else Next.FINISH
    return state.then(next_, pages=len(pages), batch=batch, **_spent(state, chain))


def lease(state: RunState, deps: LeaseDeps) -> Json:
    """Lease what is missing of the page."""
    leased = lease_signatures(
        deps, state.run, page=state.page, round_=state.round, fetches=state.fetches
    )
    if leased.next is Next.WAIT:
        return state.then(Next.WAIT_FOR_LEASE, round=state.round + 1)
    if leased.next is Next.FETCH and state.fetches > 0 and not state.rested:
        # a listing runs ahead of the bodies: what was not there a moment ago may be soon
        return state.then(Next.WAIT_FOR_LEASE, round=state.round + 1, rested=True)
    return state.then(leased.next, rested=False)


def fetch(state: RunState, chain: ChainSource, documents: RunDocuments) -> Json:
    """Fetch what the lease left."""
    fetched = fetch_transactions(
        chain, documents, state.run.wallet, page=state.page, round_=state.round
    )
    return state.then(
        Next.STORE,
        keys=fetched.keys,
        fetches=state.fetches + 1,
        repeats=state.repeats + fetched.repeats,
        **_spent(state, chain),
    )


def store(state: RunState, store_object: Callable[[str, str], None]) -> Json:
    """Bring the fetched objects down the one store path, then see what is still missing.

    Each object is a store batch of its own.
    """
    source = "tail" if state.mode is Mode.TAIL else "backfill"
    for key in state.keys:
        store_object(key, source)
    return state.then(Next.LEASE, keys=(), round=state.round + 1)


def finish(state: RunState, deps: FinishDeps, failure: FailureDeps, starter: RunStarter) -> Json:
    """Record the stored pages, or the failure that the workflow caught.

    A run that grew long goes on in an execution of its own: the history of one is bounded.
    """
    state = state.with_batch()
    if state.error is not None:
        code = record_failure(failure, state.run, error=state.error.Error)
        _record(state, failure, code)
        return state.then(Next.DONE, verdict=code)
    next_ = finish_chunk(deps, state.run, page=state.page, pages=state.pages, settles=state.settles)
    if next_ is Next.PLAN:
        going_on = state.then(
            Next.PLAN, page=state.page + state.pages, pages=1, round=0, fetches=0, settles=0
        )
        return _go_on(state, going_on, deps.limits, starter)
    if next_ is Next.WAIT:
        return state.then(Next.SETTLE, settles=state.settles + 1)
    _record(state, failure, "ended")
    return state.then(next_)


def _go_on(state: RunState, going_on: Json, limits: Limits, starter: RunStarter) -> Json:
    if state.steps < limits.execution_steps:
        return going_on
    execution = state.execution + 1
    starter.go_on(f"{state.run_id}_{execution}", {**going_on, "steps": 0, "execution": execution})
    return state.then(Next.DONE)


def _record(state: RunState, deps: FailureDeps, outcome: str) -> None:
    record = RunRecord(
        run_id=state.run_id,
        wallet=state.run.wallet,
        mode=state.mode,
        outcome=outcome,
        pages=state.page + state.pages,
        calls=state.calls,
        credits=state.credits,
        repeats=state.repeats,
    )
    deps.store.record_run(record, at=unix_now(deps.clock))


def _spent(state: RunState, chain: ChainSource) -> dict[str, int]:
    usage = chain.usage
    return {"calls": state.calls + usage.calls, "credits": state.credits + usage.credits}
