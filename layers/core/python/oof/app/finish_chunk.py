"""Record that pages are stored, and decide how the run goes on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oof.app.plan_backfill import Next
from oof.app.report_work import WorkReporter
from oof.app.run_documents import RunDocuments, TakenPage
from oof.domain.backfill import (
    Limits,
    Mode,
    Phase,
    WalletCoverage,
    covered_by_all,
    expected_total,
    known_total,
    new_sources,
)
from oof.domain.errors import NotFound
from oof.domain.jobs import Progress, WorkKind, WorkStatus
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import WalletEvent, folded
from oof.ports.backfill import BackfillStore
from oof.ports.system import Clock, unix_now
from oof.ports.workflow import Run

MAX_SETTLES = 120
"""How often a chunk's end comes back to see whether the wallet's fold caught up, before it is left
to it."""
LOOKS = 5
"""How often it looks each time."""
LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishDeps:
    """What finishing needs."""

    store: BackfillStore
    documents: RunDocuments
    reporter: WorkReporter
    project: Callable[[Address], None]
    """Shows the wallet as it now is."""
    fold: Callable[[Address], None]
    """Has its positions folded, now that a chunk is whole."""
    ask_prices: Callable[[str], None]
    """Has prices refreshed, now that a history is in; once a name."""
    ask_tokens: Callable[[str], None]
    """Has tokens that nobody named yet asked about; once a name."""
    clock: Clock
    pause: Callable[[float], None]
    """Lets so many seconds pass."""
    limits: Limits


def finish_chunk(deps: FinishDeps, run: Run, *, page: int, pages: int, settles: int) -> Next:
    """Lay stored pages, from `page` on, into the coverage; at a chunk's end wait for the fold.

    `settles` counts how often this end was looked at already.
    """
    now = unix_now(deps.clock)
    taken = deps.documents.page(page + pages - 1)
    if taken.page.is_too_active:
        deps.store.move(run.wallet, WalletEvent.FOUND_TOO_ACTIVE, at=now)
        deps.project(run.wallet)
        deps.reporter.finish(run, WorkStatus.FAILED, reason="too_active")
        return Next.DONE
    if settles == 0:
        before = [deps.documents.page(number) for number in range(page, page + pages - 1)]
        _cover(deps, run, [*before, taken], now)
    is_chunk_over = taken.page.is_phase_done or taken.page.stopped_by is not None
    if not is_chunk_over:
        return Next.PLAN
    if settles < MAX_SETTLES and not _folds_soon(deps, run.wallet):
        return Next.WAIT
    return _end_chunk(deps, run, taken, now)


def _folds_soon(deps: FinishDeps, wallet: Address) -> bool:
    """Look for the fold's end a few times: most are a fraction of a second away."""
    for _ in range(LOOKS - 1):
        if deps.store.is_folded(wallet):
            return True
        deps.pause(LOOK_EVERY_S)
    return deps.store.is_folded(wallet)


def _cover(deps: FinishDeps, run: Run, pages: Sequence[TakenPage], now: UnixSeconds) -> None:
    taken = pages[-1]
    added = covered_by_all(pages)
    deps.store.cover(run.wallet, added, stopped_by=taken.page.stopped_by, at=now)
    deps.store.release(run.run_id)
    deps.project(run.wallet)
    done = taken.cursor.stored + len(taken.page.entries)
    total = known_total(taken.cursor, taken.page)
    expected = expected_total(taken.cursor, taken.page) if total is None else None
    progress = Progress(
        done=done, total=total, unit=WorkKind.BACKFILL_HISTORY.unit, expected=expected
    )
    deps.reporter.report(run, progress, note="page_stored")


def _end_chunk(deps: FinishDeps, run: Run, taken: TakenPage, now: UnixSeconds) -> Next:
    known = deps.store.coverage(run.wallet)
    if known is None:
        raise NotFound(run.wallet)
    if not deps.store.is_folded(run.wallet):
        reason = "blocked" if known.state is WalletState.BLOCKED else "fold_lagging"
        deps.reporter.finish(run, WorkStatus.PARTIAL, reason=reason)
        return Next.DONE
    deps.store.move(run.wallet, folded(complete=known.is_complete), at=now)
    deps.fold(run.wallet)
    deps.project(run.wallet)
    if not _has_more(taken, known):
        deps.ask_prices(f"after-{run.run_id}")
        if run.mode is not Mode.TAIL:
            # a tail seldom brings a new token, and tails are many
            deps.ask_tokens(f"after-{run.run_id}")
        lack = _what_lacks(run, taken, known)
        status = WorkStatus.SUCCEEDED if lack is None else WorkStatus.PARTIAL
        deps.reporter.finish(run, status, reason=lack)
        return Next.DONE
    if deps.reporter.is_cancelled(run):
        deps.reporter.finish(run, WorkStatus.CANCELLED, reason="cancelled")
        return Next.DONE
    return Next.PLAN


def _has_more(taken: TakenPage, known: WalletCoverage) -> bool:
    """Whether the run has anything left to list."""
    cursor, page = taken.cursor, taken.page
    if page.is_phase_done:
        goes_below = cursor.phase is Phase.TAIL and cursor.wants_history
        return goes_below or bool(new_sources(cursor, known))
    if not cursor.mode.is_deep:
        return False
    floor, target = cursor.chunk_floor_time, cursor.target_time
    return target is None or floor is None or floor > target


def _what_lacks(run: Run, taken: TakenPage, known: WalletCoverage) -> str | None:
    """Why the run ends without all that was asked for; None where nothing lacks."""
    if known.unavailable:
        return "missing_bodies"
    if run.mode.is_deep and not _is_reached(run, known):
        return taken.page.stopped_by or "history_partial"
    return None


def _is_reached(run: Run, known: WalletCoverage) -> bool:
    if known.is_complete or run.target_time is None:
        return known.is_complete
    return known.oldest_time is not None and known.oldest_time <= run.target_time
