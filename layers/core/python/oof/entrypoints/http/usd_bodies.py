"""Money in dollars as bodies: text with eight decimals; what is missing is null, and never 0."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from oof.domain.positions.money import sum_usd
from oof.domain.positions.valuation import Missing, Worth, has_cost
from oof.domain.positions.worth import Ratio
from oof.domain.prices.candles import Source
from oof.domain.snapshot.model import WalletPnl
from oof.domain.tokens import Amount
from oof.domain.units import SOL_MINT, RawAmount, UnixSeconds
from oof.entrypoints.http.bodies import AmountBody, Body, MaybeTime, utc, utc_or_none
from oof.ports.position_pages import ExitUsd, PositionRecord

UsdText = Annotated[str, Field(description="USD, exact to 8 decimals")]
MaybeUsd = Annotated[str | None, Field(description="USD; null where a price it needs is missing")]
_WIN_RATE = (
    "wins / (wins + losses), 4 decimals: exits with a realized profit in USD above zero, net of "
    "fees, of those above or below zero; what is left out is in neither. Null without any"
)


class PriceState(StrEnum):
    """How much of a position has a price in USD."""

    PRICED = "priced"
    PENDING = "pending"
    """Something waits for a price."""
    UNPRICED = "unpriced"
    """Something has no price, and never will; nothing waits for one."""
    NOT_VALUED = "not_valued"
    """SOL, in which worth is told."""


class PricedByBody(Body):
    """The price that an amount was valued at."""

    mint: Annotated[str, Field(description="the leg of the trade that told what it was worth")]
    price_usd: Annotated[str, Field(description="USD of one whole token of it")]
    at: Annotated[datetime, Field(description="start of the bucket, UTC")]
    width_sec: Annotated[int, Field(description="of the bucket")]
    source: Source
    confidence: Annotated[int, Field(description="percent")]


class PositionUsdBody(Body):
    """A position in USD. Profit is of exits whose every part has a price at its own minute."""

    proceeds_usd: Annotated[UsdText, Field(description="of the units in the realized profit")]
    cost_usd: Annotated[UsdText, Field(description="of the same")]
    fees_usd: Annotated[UsdText, Field(description="on entry and exit, of the same")]
    volume_usd: Annotated[UsdText, Field(description="bought and sold")]
    wins: Annotated[int, Field(description="exits with a profit above zero")]
    losses: Annotated[int, Field(description="exits with a profit below zero")]
    excluded_usd: Annotated[
        UsdText, Field(description="got for units of unknown cost or of no known lot: in no profit")
    ]
    pending_exits: Annotated[int, Field(description="in no profit as yet: they wait for a price")]
    unpriced_exits: Annotated[int, Field(description="in no profit: nobody knows a price")]
    unvalued_trades: Annotated[int, Field(description="either way, in no volume")]
    held_cost_usd: Annotated[UsdText, Field(description="of what is held, where it is known")]
    held_fees_usd: Annotated[UsdText, Field(description="paid on entry, of the same")]
    held_cost_covers: Annotated[AmountBody, Field(description="the part it is the cost of")]
    held_pending: Annotated[AmountBody, Field(description="its cost waits for a price")]
    held_unpriced: Annotated[AmountBody, Field(description="its cost has no price")]
    held_unknown_basis: Annotated[AmountBody, Field(description="nobody knows its cost")]


class QuoteBody(Body):
    """What is held, at the newest price; a price older than an hour is none."""

    price_usd: Annotated[str, Field(description="USD of one whole token")]
    prices_as_of: datetime
    source: Source
    confidence: Annotated[int, Field(description="percent")]
    value_usd: Annotated[MaybeUsd, Field(description="of all that is held")]
    unrealized_pnl_usd: Annotated[
        MaybeUsd,
        Field(description="of `held_cost_covers`: worth now, less its cost and fees; null of none"),
    ]


class ExitUsdBody(Body):
    """A sale in USD: proceeds less cost less fees is its profit."""

    proceeds_usd: Annotated[MaybeUsd, Field(description="of the matched units")]
    cost_usd: MaybeUsd
    fees_usd: Annotated[MaybeUsd, Field(description="on entry and exit")]
    pnl_usd: MaybeUsd
    missing: Annotated[list[Missing], Field(description="why there is no profit told")]
    confidence: Annotated[int | None, Field(description="of its weakest price, percent")]
    priced_by: Annotated[PricedByBody | None, Field(description="what told the proceeds")]
    exit_fees_usd: MaybeUsd


class LotUsdBody(Body):
    """What a lot, or what was taken of it, cost in USD at its own minute."""

    cost_usd: MaybeUsd
    fees_usd: MaybeUsd
    priced_by: Annotated[PricedByBody | None, Field(description="what told the cost")]
    missing: list[Missing]


class LeftOutPnlBody(Body):
    """What the profits in USD do not count, and why."""

    pending_exits: Annotated[int, Field(description="they wait for a price")]
    unpriced_exits: Annotated[int, Field(description="nobody knows a price")]
    excluded_usd: Annotated[
        UsdText, Field(description="got for units of unknown cost or of no known lot")
    ]
    unquoted_tokens: Annotated[int, Field(description="held, without a price of the last hour")]
    uncosted_tokens: Annotated[
        int, Field(description="held, with units whose cost in USD is not known")
    ]
    unvalued_tokens: Annotated[int, Field(description="still to be valued for the first time")]


class PnlBody(Body):
    """What the tokens came to in USD, SOL, USDC and USDT aside: FIFO, net of fees.

    Of units whose cost is known and whose every part has a price at its own minute.
    """

    realized_usd: UsdText
    unrealized_usd: Annotated[
        UsdText, Field(description="worth now, less cost and fees, of what is held")
    ]
    total_usd: Annotated[UsdText, Field(description="both")]
    fees_usd: Annotated[UsdText, Field(description="within the realized profit")]
    value_usd: Annotated[UsdText, Field(description="of all tokens held that have a price")]
    prices_as_of: Annotated[
        MaybeTime, Field(description="the oldest price of what is held; null where none was used")
    ]
    wins: int
    losses: int
    win_rate: Annotated[str | None, Field(description=_WIN_RATE)]
    left_out: LeftOutPnlBody

    @classmethod
    def of(cls, pnl: WalletPnl) -> "PnlBody":
        """The body of a headline."""
        decided = pnl.wins + pnl.losses
        return cls(
            realized_usd=text(pnl.realized_usd),
            unrealized_usd=text(pnl.unrealized_usd),
            total_usd=text(sum_usd((pnl.realized_usd, pnl.unrealized_usd))),
            fees_usd=text(pnl.fees_usd),
            value_usd=text(pnl.value_usd),
            prices_as_of=utc_or_none(pnl.prices_as_of),
            wins=pnl.wins,
            losses=pnl.losses,
            win_rate=Ratio(pnl.wins, decided).text(4) if decided else None,
            left_out=LeftOutPnlBody(
                pending_exits=pnl.pending_exits,
                unpriced_exits=pnl.unpriced_exits,
                excluded_usd=text(pnl.excluded_usd),
                unquoted_tokens=pnl.unquoted,
                uncosted_tokens=pnl.uncosted,
                unvalued_tokens=pnl.unvalued,
            ),
        )


def text(usd: Decimal) -> str:
    """Money as text with eight decimals."""
    return f"{usd:.8f}"


def maybe_text(usd: Decimal | None) -> str | None:
    """The same, where there is any."""
    return None if usd is None else text(usd)


def price_state(record: PositionRecord) -> PriceState:
    """How much of a position has a price; one that is still to be valued waits."""
    if record.mint == SOL_MINT:
        return PriceState.NOT_VALUED
    if record.usd is None:
        return PriceState.PENDING
    realized, held = record.usd
    if realized.pending or held.pending_raw:
        return PriceState.PENDING
    is_whole = not realized.unpriced and not held.unpriced_raw
    return PriceState.PRICED if is_whole else PriceState.UNPRICED


def position_usd(record: PositionRecord) -> PositionUsdBody | None:
    """The body of a position's dollars; None until it is valued."""
    if record.usd is None:
        return None
    realized, held = record.usd

    def amount(raw: int) -> AmountBody:
        return AmountBody.of(Amount(RawAmount(raw), record.decimals, record.mint, record.symbol))

    return PositionUsdBody(
        proceeds_usd=text(realized.proceeds_usd),
        cost_usd=text(realized.cost_usd),
        fees_usd=text(realized.fees_usd),
        volume_usd=text(realized.volume_usd),
        wins=realized.wins,
        losses=realized.losses,
        excluded_usd=text(realized.excluded_usd),
        pending_exits=realized.pending,
        unpriced_exits=realized.unpriced,
        unvalued_trades=realized.unvalued,
        held_cost_usd=text(held.cost_usd),
        held_fees_usd=text(held.fees_usd),
        held_cost_covers=amount(held.priced_raw),
        held_pending=amount(held.pending_raw),
        held_unpriced=amount(held.unpriced_raw),
        held_unknown_basis=amount(held.unknown_raw),
    )


def quote_body(record: PositionRecord) -> QuoteBody | None:
    """The body of what is held; None without a price of the last hour."""
    quote, held = record.quote, record.held
    if quote is None:
        return None
    return QuoteBody(
        price_usd=f"{quote.usd:f}",
        prices_as_of=utc(quote.as_of),
        source=quote.source,
        confidence=quote.confidence,
        value_usd=maybe_text(held.value_usd),
        unrealized_pnl_usd=maybe_text(held.unrealized_usd),
    )


def exit_usd(usd: ExitUsd | None) -> ExitUsdBody | None:
    """The body of a sale's dollars; None until it is valued."""
    if usd is None:
        return None
    basis = usd.basis
    return ExitUsdBody(
        proceeds_usd=maybe_text(usd.proceeds),
        cost_usd=maybe_text(usd.cost),
        fees_usd=maybe_text(usd.fees),
        pnl_usd=maybe_text(usd.pnl),
        missing=[Missing(each) for each in basis["missing"]],
        confidence=basis["confidence"],
        priced_by=_priced_by(basis["proceeds"]),
        exit_fees_usd=basis["exit_fees_usd"],
    )


def taken_usd(usd: ExitUsd | None, origins: Sequence[str]) -> list[LotUsdBody | None]:
    """What was taken of each lot cost, in the order of consumption; None where nobody knows."""
    told = iter(() if usd is None else usd.basis["lots"])
    return [_taken(next(told, None)) if has_cost(origin) else None for origin in origins]


def lot_usd(cost: Worth, fees: Worth) -> LotUsdBody:
    """What an open lot cost."""
    return LotUsdBody(
        cost_usd=maybe_text(cost.usd),
        fees_usd=maybe_text(fees.usd),
        priced_by=_priced_by(cost.by),
        missing=sorted({each.missing for each in (cost, fees) if each.missing is not None}),
    )


def _taken(lot: Any) -> LotUsdBody | None:
    if lot is None:
        return None
    return LotUsdBody(
        cost_usd=lot["cost_usd"],
        fees_usd=lot["fees_usd"],
        priced_by=_priced_by(lot["cost"]),
        missing=[Missing(each) for each in lot["missing"]],
    )


def _priced_by(told: Any) -> PricedByBody | None:
    if told is None:
        return None
    return PricedByBody(
        mint=told["mint"],
        price_usd=told["price_usd"],
        at=utc(UnixSeconds(told["start"])),
        width_sec=told["width"],
        source=Source(told["source"]),
        confidence=told["confidence"],
    )
