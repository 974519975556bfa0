"""A wallet's summary as of now: one read, no computing beyond summing its buckets.

A wallet that nobody opened yet is opened on the spot, and answered as warming up.
"""

from contextlib import suppress
from dataclasses import dataclass

from oof.app.follow_work import FollowDeps, follow
from oof.app.mark_read import ReadMarker
from oof.app.open_wallet import OpenDeps, open_wallet
from oof.domain.errors import BudgetSpent, LimitReached
from oof.domain.jobs import Job, Work, WorkKind, WorkRequest, WorkStatus
from oof.domain.snapshot.model import WalletState, WalletSummary
from oof.domain.snapshot.windows import window_counts
from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import RETRY_AFTER_S
from oof.ports.snapshots import SummaryStore
from oof.ports.system import Clock, unix_now

_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryDeps:
    """What reading a summary needs."""

    summaries: SummaryStore
    clock: Clock
    opening: OpenDeps
    following: FollowDeps
    mark_read: ReadMarker
    """Keeps the wallet followed; a wallet nobody reads is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryReading:
    """A summary, with what depends on when it is read."""

    summary: WalletSummary
    counts: dict[str, int]
    """Transactions within 1d, 7d, 30d and all."""
    freshness_lag_s: int | None
    """Seconds since the listing's newest end was last confirmed; None before the first time."""
    history_span_days: int
    """Days between the oldest and the newest transaction, begun days counted whole."""


def read_summary(deps: SummaryDeps, wallet: Address, *, caller: str) -> SummaryReading | Job:
    """Return the reading, or the caller's view of the opening where there is nothing to read.

    A first opening that failed is tried again once its time has come; meanwhile its error shows.

    Raises:
        BudgetSpent: the wallet is not open, and the day's credits are kept for those that are.
        LimitReached: the wallet is not open, and no more may be opened today.
    """
    summary = deps.summaries.get(wallet)
    now = unix_now(deps.clock)
    if summary is None or summary.state in {WalletState.UNSEEN, WalletState.UNTRACKED}:
        return _open(deps, wallet, caller, now)
    deps.mark_read(wallet, at=now)
    if _is_retry_due(summary, now):
        with suppress(BudgetSpent):
            open_wallet(deps.opening, wallet, caller=caller)
    return SummaryReading(
        summary=summary,
        counts=window_counts(summary, now),
        freshness_lag_s=_lag(summary, now),
        history_span_days=_span(summary),
    )


def _open(deps: SummaryDeps, wallet: Address, caller: str, now: UnixSeconds) -> Job:
    work = _resting(deps, wallet, now) or open_wallet(deps.opening, wallet, caller=caller)
    if work is None:
        raise no_more_opens(deps.opening, now)
    return follow(deps.following, work, caller, at=now)


def _resting(deps: SummaryDeps, wallet: Address, now: UnixSeconds) -> Work | None:
    """The opening that just failed, if one did: whoever asks on and on must not spend on and on."""
    work = deps.opening.works.get(WorkRequest(kind=WorkKind.OPEN_WALLET, wallet=wallet).work_id)
    if work is None or work.status is not WorkStatus.FAILED:
        return None
    return work if now - work.updated_at < RETRY_AFTER_S else None


def no_more_opens(deps: OpenDeps, now: UnixSeconds) -> LimitReached:
    """The fault of a caller who opened as many wallets today as it may."""
    limit = deps.caps.per_caller
    message = f"{limit} wallets a day may be opened by one caller, {deps.caps.per_day} by all"
    return LimitReached(message, limit=limit, reset_s=_DAY_S - now % _DAY_S)


def _is_retry_due(summary: WalletSummary, now: UnixSeconds) -> bool:
    error = summary.last_error
    if summary.state is not WalletState.WARMING_UP or error is None:
        return False
    return error.retry_at is not None and error.retry_at <= now


def _lag(summary: WalletSummary, now: UnixSeconds) -> int | None:
    checked_at = summary.tail_checked_at
    return None if checked_at is None else max(now - checked_at, 0)


def _span(summary: WalletSummary) -> int:
    if summary.oldest_time is None or summary.newest_time is None:
        return 0
    return -(-(summary.newest_time - summary.oldest_time) // _DAY_S)
