"""Moments as bodies: what happened, what it cost or made, and all that is needed to check it."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import Field

from oof.domain.moments.model import MomentKind, Provisional
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import Amount, symbol_of
from oof.domain.units import Address
from oof.entrypoints.http import moment_examples as examples
from oof.entrypoints.http.bodies import (
    AmountBody,
    Body,
    SymbolText,
    shown_by,
    utc,
    utc_or_none,
)
from oof.ports.moment_pages import ExtremesDetail, MomentDetail, MomentPage, MomentRecord

KINDS: Final = (
    "`S2E` sold too early: what a reachable peak in the 7 days after an exit would have brought "
    "more; `BHD` bag-holder drawdown: what a buy was worth less at its lowest within 7 days, on "
    "paper; `BAD_ROUTE`: what a trade gave less than the market of that minute; `IDLE_YIELD`: what "
    "an untouched balance could have earned; `RUG`: what was lost by holding through a lasting "
    "collapse; `PAPER_HANDS`: what selling within a day at a loss cost; `DIAMOND_HANDS`: what "
    "holding through a deep drawdown made; `ROUND_TRIP`: a gain that was held until it was gone; "
    "`SANDWICH`: what trading between the two legs of another cost; `FEE_BURNER`: fees out of "
    "proportion; `BEST_TRADE` and `WORST_TRADE`: the exit of each mint that made or lost the most"
)

_FIELDS: Final = {
    MomentKind.BEST_TRADE: "highest_win",
    MomentKind.WORST_TRADE: "highest_loss",
    MomentKind.S2E: "sold_too_early",
    MomentKind.BHD: "bag_holder",
    MomentKind.BAD_ROUTE: "bad_route",
    MomentKind.IDLE_YIELD: "idle_yield",
    MomentKind.RUG: "rug",
    MomentKind.PAPER_HANDS: "paper_hands",
    MomentKind.DIAMOND_HANDS: "diamond_hands",
    MomentKind.ROUND_TRIP: "round_trip",
    MomentKind.SANDWICH: "sandwich",
    MomentKind.FEE_BURNER: "fee_burner",
}


class MomentBody(Body):
    """Something that happened to a wallet and is worth telling."""

    id: Annotated[
        str, Field(description="32 hexadecimal digits; the same as long as the moment is there")
    ]
    kind: Annotated[MomentKind, Field(description=KINDS)]
    mint: str
    symbol: SymbolText
    amount: Annotated[
        AmountBody | None, Field(description="units of the mint it is about; null where none are")
    ]
    usd: Annotated[
        str | None,
        Field(description="what it cost or made, at least 0; null where nobody can tell"),
    ]
    pct: Annotated[
        str | None,
        Field(description="the same as a fraction: 0.25 is 25 %; negative where a price fell"),
    ]
    severity: Annotated[str, Field(description="0 to 1")]
    at: Annotated[datetime, Field(description="when the transaction it is about was, UTC")]
    sig_ref: str
    slot_ref: int
    price_source: Annotated[
        str,
        Field(description="of the weakest price it rests on; `chain` where it rests on none"),
    ]
    confidence: Annotated[int, Field(ge=0, le=100, description="percent, of the weakest part")]
    version: Annotated[int, Field(description="of the detector that found it")]
    provisional: Annotated[
        list[Provisional],
        Field(description="why it may still change or go; `window_open`: days are still to come"),
    ]
    due_at: Annotated[
        datetime | None, Field(description="when its window closes, UTC; null once it is closed")
    ]


class MomentsBody(Body):
    """A page of moments, newest first."""

    model_config = shown_by(examples.MOMENTS)

    address: str
    state: WalletState
    as_of_slot: int | None
    looking: Annotated[bool, Field(description="something changed that is about to be looked at")]
    items: Annotated[
        list[MomentBody],
        Field(description="under a narrow filter a page may come short and still have a next one"),
    ]
    next_cursor: str | None


class MomentDetailBody(Body):
    """One moment with its evidence."""

    model_config = shown_by(examples.MOMENT)

    address: str
    state: WalletState
    as_of_slot: int | None
    moment: MomentBody
    tx_index: Annotated[int | None, Field(description="place in the block, once known")]
    place: Annotated[
        int, Field(description="which of several of one kind, mint and transaction; from 0")
    ]
    evidence: Annotated[
        dict[str, Any],
        Field(
            description="`formulas`: each result as text over inputs, thresholds and earlier "
            "results, in order; `inputs` and `thresholds`: exact numbers as text; `signatures`; "
            "`prices`: what was read off which candle, in USD of one whole token, with source and "
            "confidence (percent); and by kind `lots`, `candles`, `window`, `naive`, `notes`"
        ),
    ]


class ExtremesBody(Body):
    """The dearest moment of each kind; of equals the most severe, then the earliest."""

    model_config = shown_by(examples.EXTREMES)

    address: str
    state: WalletState
    as_of_slot: int | None
    looking: Annotated[bool, Field(description="something changed that is about to be looked at")]
    counts: Annotated[dict[MomentKind, int], Field(description="moments by kind")]
    open: Annotated[int, Field(description="of these, those that a further look may change")]
    highest_win: MomentBody | None
    highest_loss: MomentBody | None
    sold_too_early: MomentBody | None
    bag_holder: MomentBody | None
    bad_route: MomentBody | None
    idle_yield: MomentBody | None
    rug: MomentBody | None
    paper_hands: MomentBody | None
    diamond_hands: MomentBody | None
    round_trip: MomentBody | None
    sandwich: MomentBody | None
    fee_burner: MomentBody | None


def moments_body(wallet: Address, page: MomentPage, cursor: str | None) -> MomentsBody:
    """The body of a page of moments."""
    head = page.head.wallet
    return MomentsBody(
        address=wallet,
        state=head.state,
        as_of_slot=head.as_of_slot,
        looking=page.head.is_looking,
        items=[moment_body(record) for record in page.records],
        next_cursor=cursor,
    )


def moment_detail_body(detail: MomentDetail) -> MomentDetailBody:
    """The body of one moment."""
    head, record = detail.head.wallet, detail.record
    return MomentDetailBody(
        address=record.wallet,
        state=head.state,
        as_of_slot=head.as_of_slot,
        moment=moment_body(record),
        tx_index=record.moment.tx_index,
        place=record.moment.place,
        evidence=dict(record.moment.evidence),
    )


def extremes_body(wallet: Address, detail: ExtremesDetail) -> ExtremesBody:
    """The body of a wallet's extremes."""
    head, counts = detail.head.wallet, detail.extremes.counts
    dearest: dict[str, Any] = dict.fromkeys(_FIELDS.values())
    for record in detail.records:
        dearest[_FIELDS[record.moment.kind]] = moment_body(record)
    return ExtremesBody(
        address=wallet,
        state=head.state,
        as_of_slot=head.as_of_slot,
        looking=detail.head.is_looking,
        counts={kind: count.total for kind, count in counts.items()},
        open=sum(count.provisional for count in counts.values()),
        **dearest,
    )


def moment_body(record: MomentRecord) -> MomentBody:
    """The body of a moment without its evidence."""
    m = record.moment
    amount = None
    if m.qty_raw is not None:
        amount = AmountBody.of(Amount(m.qty_raw, record.decimals, m.mint, record.symbol))
    return MomentBody(
        id=record.id,
        kind=m.kind,
        mint=m.mint,
        symbol=symbol_of(m.mint, record.symbol),
        amount=amount,
        usd=text_of(m.usd),
        pct=text_of(m.pct),
        severity=f"{m.severity:f}",
        at=utc(m.at),
        sig_ref=m.signature,
        slot_ref=m.slot,
        price_source=m.source,
        confidence=m.confidence,
        version=m.version,
        provisional=sorted(m.provisional),
        due_at=utc_or_none(m.due_at),
    )


def text_of(number: Decimal | None) -> str | None:
    """A number as text, in plain notation."""
    return None if number is None else f"{number:f}"
