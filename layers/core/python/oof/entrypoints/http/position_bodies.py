"""Positions as bodies: units as amounts, money in lamports and, where prices are told, in USD."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from oof.domain.positions.lots import Lot
from oof.domain.positions.valuation import Worth, has_cost
from oof.domain.snapshot.model import Provisional, WalletState, provisional_of
from oof.domain.tokens import QUOTES, Amount
from oof.domain.units import Address, RawAmount, UnixSeconds
from oof.entrypoints.http import position_examples as examples
from oof.entrypoints.http.bodies import (
    AmountBody,
    Body,
    LamportsText,
    MaybeTime,
    shown_by,
    utc_or_none,
)
from oof.entrypoints.http.usd_bodies import (
    ExitUsdBody,
    LotUsdBody,
    MaybeUsd,
    PositionUsdBody,
    PriceState,
    QuoteBody,
    exit_usd,
    lot_usd,
    position_usd,
    price_state,
    quote_body,
    taken_usd,
    text,
)
from oof.ports.position_pages import (
    ExitRecord,
    PositionDetail,
    PositionPage,
    PositionRecord,
    PositionsHead,
)

MaybeLamports = Annotated[
    str | None, Field(description="lamports, exact; null where there is no SOL leg to tell by")
]


class LeftOutBody(Body):
    """What the realized profit does not count, and why."""

    unknown_basis: Annotated[AmountBody, Field(description="sold, though nobody knows its cost")]
    unmatched: Annotated[AmountBody, Field(description="sold, though no lot of it was known")]
    excluded_lamports: Annotated[LamportsText, Field(description="SOL received for these two")]
    unpriced_exits: Annotated[
        int, Field(description="sales whose cost or proceeds were not in SOL")
    ]
    unpriced: AmountBody
    opening: Annotated[
        AmountBody, Field(description="held before the oldest transaction that is known")
    ]
    short: Annotated[AmountBody, Field(description="left in any way, though no lot was known")]


class PositionBody(Body):
    """One mint: what came in, what went out, what it came to. Profit is net of fees, FIFO."""

    held: AmountBody
    on_chain: Annotated[AmountBody, Field(description="newest post-balances over all accounts")]
    difference: Annotated[
        AmountBody, Field(description="held less on chain; zero where the history is whole")
    ]
    aside: Annotated[AmountBody, Field(description="staked, lent, pooled or in escrow")]
    is_open: bool
    is_quote: Annotated[bool, Field(description="SOL, USDC or USDT: what trades are paid with")]
    episodes: Annotated[int, Field(description="times it was opened from nothing")]
    buys: int
    exits: int
    wins: Annotated[int, Field(description="exits above zero, net of fees, of what is counted")]
    losses: Annotated[int, Field(description="exits below zero, the same")]
    bought: AmountBody
    sold: AmountBody
    arrived: Annotated[AmountBody, Field(description="without a trade")]
    left: Annotated[AmountBody, Field(description="without a trade")]
    spent_lamports: Annotated[LamportsText, Field(description="SOL given for it")]
    received_lamports: Annotated[LamportsText, Field(description="SOL got for it")]
    realized_pnl_lamports: Annotated[
        LamportsText,
        Field(description="proceeds less cost less fees, where cost and proceeds are known in SOL"),
    ]
    fees_lamports: Annotated[LamportsText, Field(description="within the realized profit")]
    cost_lamports: Annotated[LamportsText, Field(description="of what is held, where known")]
    cost_covers: Annotated[
        AmountBody, Field(description="the part of what is held it is the cost of")
    ]
    avg_cost_sol: Annotated[
        str | None, Field(description="SOL a whole token of that part; null without any")
    ]
    avg_hold_sec: Annotated[
        int | None, Field(description="from entry to exit, weighed by units; null without exits")
    ]
    realized_pnl_usd: Annotated[
        MaybeUsd,
        Field(description="of exits whose every part has a price; null until it is valued"),
    ]
    price: Annotated[
        PriceState, Field(description="whether something waits for a price in USD, or has none")
    ]
    usd: Annotated[PositionUsdBody | None, Field(description="null until it is valued")]
    now: Annotated[
        QuoteBody | None,
        Field(description="at the newest price; null without one of the last hour"),
    ]
    left_out: LeftOutBody
    slot_ref: Annotated[int, Field(description="of the latest change")]
    changed_at: MaybeTime
    provisional: list[Provisional]


class PositionsBody(Body):
    """A page of positions."""

    model_config = shown_by(examples.POSITIONS)

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="everything up to it is counted")]
    folding: Annotated[bool, Field(description="something newer or older is about to be counted")]
    method: Literal["fifo"] = "fifo"
    items: list[PositionBody]
    next_cursor: str | None


class LotBody(Body):
    """What is left of one entry."""

    sig_ref: Annotated[str | None, Field(description="null for what was held before")]
    slot_ref: int
    opened_at: MaybeTime
    origin: Annotated[str, Field(description="trade, opening, transfer, income, rent or unknown")]
    amount: AmountBody
    cost_lamports: MaybeLamports
    fees_lamports: MaybeLamports
    usd: Annotated[LotUsdBody | None, Field(description="null where nobody knows its cost")]


class TakenLotBody(LotBody):
    """What an exit took of one lot."""


class ExitBody(Body):
    """One sale: proceeds less cost less fees is its profit."""

    sig_ref: str
    slot_ref: int
    sold_at: MaybeTime
    matched: Annotated[AmountBody, Field(description="units whose cost is known")]
    unknown_basis: AmountBody
    unmatched: AmountBody
    bought_mint: str | None
    bought_raw: str | None
    proceeds_lamports: Annotated[MaybeLamports, Field(description="of the matched units alone")]
    cost_lamports: MaybeLamports
    entry_fees_lamports: MaybeLamports
    exit_fees_lamports: MaybeLamports
    pnl_lamports: MaybeLamports
    pnl_usd: MaybeUsd
    usd: Annotated[ExitUsdBody | None, Field(description="null until it is valued")]
    lots: Annotated[list[TakenLotBody], Field(description="in order of consumption")]


class EpisodeBody(Body):
    """From holding nothing to holding nothing again."""

    model_config = shown_by(examples.EPISODE)

    number: int
    opened_slot: int
    opened_at: MaybeTime
    closed_slot: int
    closed_at: MaybeTime


class PositionDetailBody(Body):
    """One position with its open lots, its episodes and its exits, newest first."""

    model_config = shown_by(examples.POSITION)

    address: str
    state: WalletState
    as_of_slot: int | None
    folding: bool
    position: PositionBody
    lots: Annotated[list[LotBody], Field(description="open, oldest first; at most 200")]
    lots_count: int
    aside_raw: Annotated[dict[str, str], Field(description="base units by what they are in")]
    episodes: Annotated[list[EpisodeBody], Field(description="ended, newest first; at most 200")]
    exits: Annotated[
        list[ExitBody],
        Field(description="newest first; none of SOL, which profit is told in"),
    ]
    next_cursor: str | None


def positions_body(wallet: Address, page: PositionPage, cursor: str | None) -> PositionsBody:
    """The body of a page of positions."""
    return PositionsBody(
        address=wallet,
        state=page.head.wallet.state,
        as_of_slot=page.head.folded_slot,
        folding=page.head.is_folding,
        items=[_position(record, page.head) for record in page.records],
        next_cursor=cursor,
    )


def detail_body(wallet: Address, detail: PositionDetail, cursor: str | None) -> PositionDetailBody:
    """The body of one position."""
    record = detail.record
    return PositionDetailBody(
        address=wallet,
        state=detail.head.wallet.state,
        as_of_slot=detail.head.folded_slot,
        folding=detail.head.is_folding,
        position=_position(record, detail.head),
        lots=[
            _lot(lot, usd, record) for lot, usd in zip(detail.lots, detail.lots_usd, strict=True)
        ],
        lots_count=record.figures["lots"],
        aside_raw={kind: str(raw) for kind, raw in detail.aside.items()},
        episodes=[
            EpisodeBody(
                number=each.number,
                opened_slot=each.opened_slot,
                opened_at=_time(each.opened_at),
                closed_slot=each.closed_slot,
                closed_at=_time(each.closed_at),
            )
            for each in detail.episodes
        ],
        exits=[_exit(each, record) for each in detail.exits],
        next_cursor=cursor,
    )


def avg_cost(record: PositionRecord) -> str | None:
    """SOL that one whole token cost, of the part whose cost is known; nine significant decimals."""
    units, decimals = record.figures["priced_raw"], record.decimals
    if not units or decimals is None:
        return None
    places = 9 + decimals
    scaled = record.figures["cost_lamports"] * 10 ** (2 * decimals) // units
    return Amount(RawAmount(scaled), places, record.mint).ui


def _position(record: PositionRecord, head: PositionsHead) -> PositionBody:
    f = record.figures
    return PositionBody(
        held=_amount(record, f["held_raw"]),
        on_chain=_amount(record, record.on_chain_raw),
        difference=_amount(record, f["held_raw"] - record.on_chain_raw),
        aside=_amount(record, f["aside_raw"]),
        is_open=record.is_open,
        is_quote=record.mint in QUOTES,
        episodes=f["episodes"],
        buys=f["buys"],
        exits=f["exits"],
        wins=f["wins"],
        losses=f["losses"],
        bought=_amount(record, f["bought_raw"]),
        sold=_amount(record, f["sold_raw"]),
        arrived=_amount(record, f["arrived_raw"]),
        left=_amount(record, f["left_raw"]),
        spent_lamports=str(f["spent_lamports"]),
        received_lamports=str(f["received_lamports"]),
        realized_pnl_lamports=str(f["realized_lamports"]),
        fees_lamports=str(f["fees_lamports"]),
        cost_lamports=str(f["cost_lamports"]),
        cost_covers=_amount(record, f["priced_raw"]),
        avg_cost_sol=avg_cost(record),
        avg_hold_sec=f["held_unit_seconds"] // f["held_units"] if f["held_units"] else None,
        realized_pnl_usd=None if record.usd is None else text(record.usd.realized.realized_usd),
        price=price_state(record),
        usd=position_usd(record),
        now=quote_body(record),
        left_out=_left_out(record),
        slot_ref=record.last_slot,
        changed_at=utc_or_none(record.last_at),
        provisional=provisional_of(
            history_partial=head.is_history_partial,
            order_unresolved=head.is_order_unresolved,
            soft=head.is_soft,
        ),
    )


def _left_out(record: PositionRecord) -> LeftOutBody:
    f = record.figures
    return LeftOutBody(
        unknown_basis=_amount(record, f["unknown_raw"]),
        unmatched=_amount(record, f["unmatched_raw"]),
        excluded_lamports=str(f["excluded_lamports"]),
        unpriced_exits=f["unpriced"],
        unpriced=_amount(record, f["unpriced_raw"]),
        opening=_amount(record, f["opening_raw"]),
        short=_amount(record, f["short_raw"]),
    )


def _lot(lot: Lot, usd: tuple[Worth, Worth], record: PositionRecord) -> LotBody:
    entry = lot.entry
    cost = lot.worth.part(lot.qty_raw, lot.share_of).lamports
    fees = lot.fees.part(lot.qty_raw, lot.share_of).lamports
    return LotBody(
        sig_ref=entry.signature,
        slot_ref=entry.opened.slot,
        opened_at=utc_or_none(entry.at),
        origin=entry.origin.value,
        amount=_amount(record, lot.qty_raw),
        cost_lamports=None if cost is None else str(cost.in_parts(1)),
        fees_lamports=None if fees is None else str(fees.in_parts(1)),
        usd=lot_usd(*usd) if has_cost(entry.origin) else None,
    )


def _exit(sold: ExitRecord, record: PositionRecord) -> ExitBody:
    told, usd = sold.document, exit_usd(sold.usd)
    taken = taken_usd(sold.usd, [lot["origin"] for lot in told["lots"]])
    return ExitBody(
        sig_ref=sold.signature,
        slot_ref=sold.key.slot,
        sold_at=_time(told["at"]),
        matched=_amount(record, int(told["qty_raw"])),
        unknown_basis=_amount(record, int(told["unknown_raw"])),
        unmatched=_amount(record, int(told["unmatched_raw"])),
        bought_mint=told["bought_mint"],
        bought_raw=told["bought_raw"],
        proceeds_lamports=told["proceeds_lamports"],
        cost_lamports=told["cost_lamports"],
        entry_fees_lamports=told["entry_fees_lamports"],
        exit_fees_lamports=told["exit_fees_lamports"],
        pnl_lamports=told["pnl_lamports"],
        pnl_usd=None if usd is None else usd.pnl_usd,
        usd=usd,
        lots=[
            TakenLotBody(
                sig_ref=lot["signature"],
                slot_ref=lot["slot"],
                opened_at=_time(lot["at"]),
                origin=lot["origin"],
                amount=_amount(record, int(lot["qty_raw"])),
                cost_lamports=lot["cost_lamports"],
                fees_lamports=lot["fees_lamports"],
                usd=worth,
            )
            for lot, worth in zip(told["lots"], taken, strict=True)
        ],
    )


def _amount(record: PositionRecord, raw: int) -> AmountBody:
    return AmountBody.of(Amount(RawAmount(raw), record.decimals, record.mint, record.symbol))


def _time(moment: int | None) -> datetime | None:
    return None if moment is None else utc_or_none(UnixSeconds(moment))
