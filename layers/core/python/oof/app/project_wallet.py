"""Project a wallet's committed state into its summary item.

The item is put only if its (epoch, revision) is newer, so projections may be late, repeated or
overtaken; the newest committed state always wins.
"""

from dataclasses import dataclass

from oof.domain.evidence import unseen_of
from oof.domain.positions.headline import headline
from oof.domain.snapshot.activity import FAILED, TRADES, TX
from oof.domain.snapshot.fold import MENTIONS
from oof.domain.snapshot.model import (
    NO_PNL,
    Provisional,
    WalletPnl,
    WalletState,
    WalletSummary,
)
from oof.domain.snapshot.summarize import fees_by_kind, newest_days, newest_hours, top_venues
from oof.domain.units import Address, Lamports, UnixSeconds
from oof.ports.facts import FactStore, WalletView
from oof.ports.snapshots import SummaryStore
from oof.ports.system import Clock, unix_now


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDeps:
    """What projecting needs."""

    facts: FactStore
    summaries: SummaryStore
    clock: Clock


def project_wallet(wallet: Address, *, deps: ProjectDeps) -> WalletSummary | None:
    """Put the wallet's summary and return it; None for a wallet that was never tracked.

    Raises `StoreUnavailable`; the sweeper will find that the projection lags.
    """
    view = deps.facts.view(wallet)
    if view is None:
        return None
    at = unix_now(deps.clock)
    pnl = headline(deps.facts.worth(wallet, at=at))
    summary = summary_of(view, at=at, pnl=pnl)
    deps.summaries.put_if_newer(summary)
    if view.revision > view.projected_revision:
        deps.facts.mark_projected(wallet, view.revision)
    return summary


def summary_of(view: WalletView, *, at: UnixSeconds, pnl: WalletPnl = NO_PNL) -> WalletSummary:
    """Return the summary of a view and what it came to in dollars; `at` is when that was so."""
    counters = view.counters
    fees = {kind: Lamports(paid) for kind, paid in fees_by_kind(counters).items()}
    unseen = unseen_of(listed_at=view.listed_at, tokens_at=view.tokens_checked_at)
    return WalletSummary(
        address=view.address,
        state=view.state if view.blocked_code is None else WalletState.BLOCKED,
        epoch=view.epoch,
        revision=view.revision,
        as_of_seq=view.applied_seq,
        as_of_slot=view.span.newest_slot,
        balances=view.balances,
        balances_count=view.balances_count,
        tx_count=counters.get(TX, 0),
        failed_count=counters.get(FAILED, 0),
        mentions=counters.get(MENTIONS, 0),
        hourly=newest_hours(view.hours),
        daily=newest_days(view.hours),
        venues=top_venues(counters),
        trade_count=counters.get(TRADES, 0),
        fees_lamports=fees,
        oldest_time=view.span.oldest_time,
        newest_time=view.span.newest_time,
        coverage=view.coverage._replace(unseen=unseen),
        tail_checked_at=view.tail_checked_at,
        applied_lag_s=view.applied_lag_s,
        last_error=view.last_error,
        positions=view.positions,
        pnl=pnl,
        moments=view.moments,
        symbols=view.symbols,
        provisional=_provisional(view),
        projected_at=at,
    )


def _provisional(view: WalletView) -> frozenset[Provisional]:
    reasons: set[Provisional] = set()
    if not view.coverage.complete:
        reasons.add(Provisional.HISTORY_PARTIAL)
    if view.has_unresolved_order:
        reasons.add(Provisional.ORDER_UNRESOLVED)
    if view.is_soft:
        reasons.add(Provisional.SOFT)
    return frozenset(reasons)
