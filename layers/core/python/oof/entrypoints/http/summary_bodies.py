"""A wallet's summary as a body."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from oof.domain.moments.model import MomentKind
from oof.domain.positions.worth import Ratio
from oof.domain.snapshot.model import MomentTotals, PositionTotals, Provisional, WalletState
from oof.domain.tokens import symbol_of
from oof.domain.units import Mint
from oof.entrypoints.http import examples
from oof.entrypoints.http.bodies import (
    BalanceBody,
    Body,
    CountsBody,
    CoverageBody,
    JobLinkBody,
    LamportsText,
    LastErrorBody,
    MaybeTime,
    PaidBody,
    SymbolText,
    VenueBody,
    shown_by,
    utc,
)
from oof.entrypoints.http.usd_bodies import PnlBody


class PositionTotalsBody(Body):
    """What the tokens came to, SOL, USDC and USDT aside: FIFO, net of fees, in SOL."""

    open: Annotated[int, Field(description="positions of which something is held or set aside")]
    closed: int
    realized_pnl_lamports: Annotated[
        LamportsText, Field(description="of units whose cost and proceeds are known in SOL")
    ]
    fees_lamports: Annotated[LamportsText, Field(description="within the realized profit")]
    wins: int
    losses: int
    win_rate: Annotated[
        str | None,
        Field(
            description="exits whose profit is above zero, of those above or below it, counting "
            "what the realized profit counts; null without any"
        ),
    ]
    excluded_lamports: Annotated[
        LamportsText, Field(description="SOL received for units of unknown cost: in no profit")
    ]
    unpriced_exits: Annotated[int, Field(description="not paid in SOL on both sides: in no profit")]
    folding: Annotated[bool, Field(description="something newer or older is about to be counted")]

    @classmethod
    def of(cls, totals: PositionTotals) -> "PositionTotalsBody":
        """The body of totals."""
        decided = totals.wins + totals.losses
        return cls(
            open=totals.open_count,
            closed=totals.closed_count,
            realized_pnl_lamports=str(totals.realized_lamports),
            fees_lamports=str(totals.fees_lamports),
            wins=totals.wins,
            losses=totals.losses,
            win_rate=Ratio(totals.wins, decided).text(4) if decided else None,
            excluded_lamports=str(totals.excluded_lamports),
            unpriced_exits=totals.unpriced,
            folding=totals.is_folding,
        )


class TopMomentBody(Body):
    """The dearest moment of one kind, in short; `/v1/moments/{moment_id}` has the whole."""

    id: str
    kind: MomentKind
    mint: str
    symbol: SymbolText
    usd: Annotated[str | None, Field(description="what it cost or made; null where unknown")]
    at: datetime


class MomentTotalsBody(Body):
    """What detectors found worth telling; the list is at `/v1/moments`."""

    counts: Annotated[dict[MomentKind, int], Field(description="by kind; none of 0")]
    open: Annotated[
        int, Field(description="of all, those that may still change: windows are open, say")
    ]
    top: Annotated[
        list[TopMomentBody],
        Field(description="the dearest of each kind in USD, and of these the three dearest"),
    ]

    @classmethod
    def of(cls, totals: MomentTotals, symbols: Mapping[Mint, str]) -> "MomentTotalsBody":
        """The body of totals."""
        return cls(
            counts=dict(totals.counts),
            open=totals.open_count,
            top=[
                TopMomentBody(
                    id=each.id,
                    kind=each.kind,
                    mint=each.mint,
                    symbol=symbol_of(each.mint, symbols.get(each.mint)),
                    usd=None if each.usd is None else f"{each.usd:f}",
                    at=utc(each.at),
                )
                for each in totals.top
            ],
        )


class SummaryBody(Body):
    """A wallet as far as it is known; one that was just opened is WARMING_UP and empty."""

    model_config = shown_by(examples.SUMMARY)

    address: str
    state: WalletState
    balances: Annotated[list[BalanceBody], Field(description="at most 20, latest changed first")]
    balances_count: int
    tx_counts: CountsBody
    mentions: Annotated[int, Field(description="signatures that only name the wallet")]
    trades_count: int
    venues: list[VenueBody]
    positions: PositionTotalsBody
    pnl: PnlBody
    moments: MomentTotalsBody
    paid: PaidBody
    last_processed_slot: int | None
    freshness_lag_sec: Annotated[
        int | None,
        Field(
            description="seconds since the newest end was confirmed, never less than the truth: a "
            "look that found nothing is shown at once to who reads the wallet, else hourly; not in "
            "the ETag"
        ),
    ]
    applied_lag_sec: Annotated[
        int | None,
        Field(description="seconds between the newest transaction's block and its being applied"),
    ]
    history_span_days: int
    oldest_time: MaybeTime
    newest_time: MaybeTime
    coverage: CoverageBody
    last_error: LastErrorBody | None
    as_of_slot: int | None
    provisional: Annotated[list[Provisional], Field(description="why numbers may still change")]
    job: Annotated[JobLinkBody | None, Field(description="set when this very request opened it")]
