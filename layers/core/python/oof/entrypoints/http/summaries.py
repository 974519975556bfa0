"""Summaries as bodies."""

from oof.app.read_summary import SummaryReading
from oof.domain.jobs import Job
from oof.domain.snapshot.model import (
    NO_MOMENTS,
    NO_PNL,
    NO_POSITIONS,
    MintBalance,
    Provisional,
    WalletState,
    WalletSummary,
    WatchedBy,
)
from oof.domain.tokens import Amount
from oof.domain.units import Address
from oof.entrypoints.http.bodies import (
    AmountBody,
    BalanceBody,
    CountsBody,
    CoverageBody,
    JobLinkBody,
    LastErrorBody,
    PaidBody,
    UnseenBody,
    VenueBody,
    utc,
    utc_or_none,
)
from oof.entrypoints.http.jobs import job_path
from oof.entrypoints.http.summary_bodies import MomentTotalsBody, PositionTotalsBody, SummaryBody
from oof.entrypoints.http.usd_bodies import PnlBody

_NAMED_FEES = ("network_fee", "priority_fee", "tip")


def summary_body(reading: SummaryReading) -> SummaryBody:
    """The body of a summary as read."""
    summary = reading.summary
    counts = {**reading.counts, "failed": summary.failed_count}
    return SummaryBody(
        address=summary.address,
        state=summary.state,
        balances=[_balance(each, summary.symbols.get(each.mint)) for each in summary.balances],
        balances_count=summary.balances_count,
        tx_counts=CountsBody.model_validate(counts),
        mentions=summary.mentions,
        trades_count=summary.trade_count,
        venues=[VenueBody(venue=name, trades=count) for name, count in summary.venues.items()],
        positions=PositionTotalsBody.of(summary.positions),
        pnl=PnlBody.of(summary.pnl),
        moments=MomentTotalsBody.of(summary.moments, summary.symbols),
        paid=_paid({kind: int(amount) for kind, amount in summary.fees_lamports.items()}),
        last_processed_slot=summary.as_of_slot,
        freshness_lag_sec=reading.freshness_lag_s,
        applied_lag_sec=summary.applied_lag_s,
        history_span_days=reading.history_span_days,
        oldest_time=utc_or_none(summary.oldest_time),
        newest_time=utc_or_none(summary.newest_time),
        coverage=_coverage(summary),
        last_error=_last_error(summary),
        as_of_slot=summary.as_of_slot,
        provisional=sorted(summary.provisional),
        job=None,
    )


def opened_body(wallet: Address, job: Job) -> SummaryBody:
    """The body for a wallet that this very request opened."""
    return SummaryBody(
        address=wallet,
        state=WalletState.WARMING_UP,
        balances=[],
        balances_count=0,
        tx_counts=CountsBody.model_validate({"1d": 0, "7d": 0, "30d": 0, "all": 0, "failed": 0}),
        mentions=0,
        trades_count=0,
        venues=[],
        positions=PositionTotalsBody.of(NO_POSITIONS),
        pnl=PnlBody.of(NO_PNL),
        moments=MomentTotalsBody.of(NO_MOMENTS, {}),
        paid=_paid({}),
        last_processed_slot=None,
        freshness_lag_sec=None,
        applied_lag_sec=None,
        history_span_days=0,
        oldest_time=None,
        newest_time=None,
        coverage=CoverageBody(
            addresses=0,
            complete=False,
            oldest_time=None,
            newest_time=None,
            stopped_by=None,
            unseen=[],
            watch=WatchedBy.POLLING,
            live_since=None,
        ),
        last_error=None,
        as_of_slot=None,
        provisional=[Provisional.HISTORY_PARTIAL],
        job=JobLinkBody(id=job.job_id, href=job_path(job.job_id)),
    )


def _balance(balance: MintBalance, symbol: str | None) -> BalanceBody:
    amount = Amount(balance.raw, balance.decimals, balance.mint, symbol)
    return BalanceBody(
        amount=AmountBody.of(amount),
        slot_ref=balance.slot,
        provisional=balance.provisional,
        order_unknown=balance.order_unknown,
    )


def _paid(fees: dict[str, int]) -> PaidBody:
    others = {kind: str(fees[kind]) for kind in sorted(fees) if kind not in _NAMED_FEES}
    return PaidBody(
        network_fee_lamports=str(fees.get("network_fee", 0)),
        priority_fee_lamports=str(fees.get("priority_fee", 0)),
        tip_lamports=str(fees.get("tip", 0)),
        other_fees_lamports=others,
        total_lamports=str(sum(fees.values())),
    )


def _coverage(summary: WalletSummary) -> CoverageBody:
    coverage = summary.coverage
    return CoverageBody(
        addresses=coverage.addresses,
        complete=coverage.complete,
        oldest_time=utc_or_none(coverage.oldest_time),
        newest_time=utc_or_none(coverage.newest_time),
        stopped_by=coverage.stopped_by,
        unseen=[
            UnseenBody(code=each.code, since=utc(each.since), every_sec=each.every_s)
            for each in coverage.unseen
        ],
        watch=coverage.watch,
        live_since=utc_or_none(coverage.live_since),
    )


def _last_error(summary: WalletSummary) -> LastErrorBody | None:
    error = summary.last_error
    if error is None:
        return None
    return LastErrorBody(code=error.code, at=utc(error.at), retry_at=utc_or_none(error.retry_at))
