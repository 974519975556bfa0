"""Decide what a run lists next: nothing, the guard first, the tail, or history."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from oof.app.report_work import WorkReporter
from oof.app.run_documents import RunDocuments
from oof.domain.backfill import (
    Cursor,
    Limits,
    Mode,
    Phase,
    WalletCoverage,
    cursor_after,
    days_before,
    history_sources,
    low_slot_of,
    needs,
    new_sources,
    tail_sources,
    top_of,
)
from oof.domain.errors import NotFound
from oof.domain.jobs import WorkStatus
from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import CLOSED, WalletEvent
from oof.ports.backfill import BackfillStore
from oof.ports.system import Clock, unix_now
from oof.ports.workflow import Run


class Next(StrEnum):
    """Where the workflow goes."""

    CHECK = "check"
    LIST = "list"
    LEASE = "lease"
    FETCH = "fetch"
    STORE = "store"
    WAIT = "wait"
    WAIT_FOR_LEASE = "wait_for_lease"
    SETTLE = "settle"
    FINISH = "finish"
    PLAN = "plan"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDeps:
    """What planning needs."""

    store: BackfillStore
    documents: RunDocuments
    reporter: WorkReporter
    project: Callable[[Address], None]
    """Shows the wallet as it now is."""
    clock: Clock
    limits: Limits


def plan_backfill(deps: PlanDeps, run: Run, *, page: int, verdict: str | None) -> Next:
    """Write the cursor of `page`, or end the run where nothing is lacking.

    `verdict` is what the guard said: None before it was asked, "" where it found a wallet, else
    why it refused. A request whose coverage spans it and whose tail is fresh ends here, and has
    asked nothing of the provider.
    """
    if page > 0:
        return _go_on(deps, run, page)
    now = unix_now(deps.clock)
    known = _known(deps, run, now)
    if verdict:
        deps.store.move(run.wallet, WalletEvent.REFUSED, at=now)
        deps.project(run.wallet)
        deps.reporter.finish(run, WorkStatus.FAILED, reason=verdict)
        return Next.DONE
    if known.state in CLOSED:
        deps.reporter.finish(run, WorkStatus.FAILED, reason=known.state.lower())
        return Next.DONE
    cursor = _first_cursor(deps, run, known, now)
    if cursor is None:
        deps.reporter.finish(run, WorkStatus.SUCCEEDED, reason=None)
        return Next.DONE
    if cursor.is_first and verdict is None:
        return Next.CHECK
    deps.documents.put_cursor(cursor)
    return Next.LIST


def _known(deps: PlanDeps, run: Run, now: UnixSeconds) -> WalletCoverage:
    if run.mode is not Mode.TAIL:
        found = deps.store.track(run.wallet, at=now)
        deps.project(run.wallet)
        return found
    known = deps.store.coverage(run.wallet)
    if known is None:
        raise NotFound(run.wallet)
    return known


def _first_cursor(
    deps: PlanDeps, run: Run, known: WalletCoverage, now: UnixSeconds
) -> Cursor | None:
    target = run.target_time
    if run.mode is Mode.OPEN and known.newest_time is not None:
        target = days_before(known.newest_time, deps.limits.open_days)
    lacking = needs(
        known, run.mode, target_time=target, now=now, tail_fresh_s=deps.limits.tail_fresh_s
    )
    if not (lacking.tail or lacking.history or known.unavailable):
        return None
    phase = Phase.HISTORY if lacking.history and not lacking.tail else Phase.TAIL
    listing = history_sources if phase is Phase.HISTORY else tail_sources
    sources = listing(known, run.wallet)
    return Cursor(
        wallet=run.wallet,
        mode=run.mode,
        phase=phase,
        sources=sources,
        is_first=known.top_slot is None and not known.is_complete,
        wants_history=lacking.history,
        target_time=target,
        retries=list(known.unavailable),
        low_slot=low_slot_of(known, run.wallet),
        taken_to=top_of(sources),
        began_at=now,
    )


def _go_on(deps: PlanDeps, run: Run, page: int) -> Next:
    known = deps.store.coverage(run.wallet)
    if known is None:
        raise NotFound(run.wallet)
    taken = deps.documents.page(page - 1)
    cursor = cursor_after(taken.cursor, taken.page)
    cursor.sources = [*cursor.sources, *new_sources(cursor, known)]
    is_over = all(source.is_done and not source.buffer for source in cursor.sources)
    if cursor.phase is Phase.TAIL and is_over and cursor.wants_history:
        cursor.phase = Phase.HISTORY
        cursor.sources = history_sources(known, run.wallet)
        cursor.taken_to = top_of(cursor.sources)
    deps.documents.put_cursor(cursor)
    return Next.LIST
