"""Positions of groups of wallets as bodies: units as amounts, money in lamports and in dollars."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from oof.domain.positions.days import DayFigures
from oof.domain.positions.group import MAX_WALLETS
from oof.domain.positions.lots import Method
from oof.domain.positions.view import ViewTotals
from oof.domain.snapshot.model import Provisional, WalletState, provisional_of
from oof.domain.tokens import QUOTES, Amount
from oof.domain.units import RawAmount
from oof.entrypoints.http import analysis_examples as examples
from oof.entrypoints.http.bodies import (
    AmountBody,
    Body,
    LamportsText,
    MaybeTime,
    shown_by,
    utc_or_none,
)
from oof.ports.views import ViewHead, ViewMember, ViewPage, ViewRecord

UsdText = Annotated[str, Field(pattern=r"^-?[0-9]+\.[0-9]{8}$", description="US dollars")]
MaybeUsd = Annotated[
    str | None,
    Field(description="US dollars, at the price of each minute; null where none of it has one"),
]


class GroupAskBody(Body):
    """Which wallets are to be folded as one, and how."""

    model_config = shown_by(examples.ASK)

    wallets: Annotated[
        list[str],
        Field(
            min_length=1,
            max_length=MAX_WALLETS,
            description="addresses of wallets that were opened; order and repetition do not matter",
        ),
    ]
    method: Annotated[
        Method,
        Field(description="which lots an exit takes: first in, last in, the dearest, the average"),
    ] = Method.FIFO
    realize_exchange_transfers: Annotated[
        bool,
        Field(
            description="what is sent straight to a wallet that an exchange published counts as "
            "sold, at the price of that minute"
        ),
    ] = False


class GroupMemberBody(Body):
    """How one wallet stood when the group was folded."""

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="its newest transaction that is counted")]
    provisional: list[Provisional]


class GroupLeftOutBody(Body):
    """What the realized profit does not count, and why."""

    unknown_basis: Annotated[AmountBody, Field(description="sold, though nobody knows its cost")]
    unmatched: Annotated[AmountBody, Field(description="sold, though no lot of it was known")]
    excluded_lamports: Annotated[LamportsText, Field(description="SOL received for these two")]
    excluded_usd: UsdText
    unpriced_exits: Annotated[int, Field(description="sales without a worth in SOL")]
    unpriced: AmountBody
    unpriced_exits_usd: Annotated[int, Field(description="sales that nobody has a price for")]
    pending_exits_usd: Annotated[
        int, Field(description="sales whose price may still come: ask again later")
    ]
    opening: Annotated[
        AmountBody, Field(description="held before the oldest transactions that are known")
    ]
    short: Annotated[AmountBody, Field(description="left in any way, though no lot was known")]


class GroupPositionBody(Body):
    """One mint over all members: what came in, what went out, what it came to, net of fees."""

    held: AmountBody
    on_chain: Annotated[AmountBody, Field(description="newest post-balances of all members")]
    difference: Annotated[
        AmountBody, Field(description="held less on chain; zero where the histories are whole")
    ]
    aside: Annotated[AmountBody, Field(description="staked, lent, pooled or in escrow")]
    is_open: bool
    is_quote: Annotated[bool, Field(description="SOL, USDC or USDT: what trades are paid with")]
    episodes: Annotated[int, Field(description="times it was opened from nothing")]
    buys: int
    exits: int
    bought: AmountBody
    sold: AmountBody
    arrived: Annotated[AmountBody, Field(description="from outside the group, without a trade")]
    left: Annotated[AmountBody, Field(description="the group, without a trade")]
    realized_pnl_lamports: Annotated[
        LamportsText,
        Field(description="proceeds less cost less fees, where cost and proceeds are known in SOL"),
    ]
    realized_pnl_usd: MaybeUsd
    fees_lamports: Annotated[LamportsText, Field(description="within the realized profit")]
    fees_usd: Annotated[UsdText, Field(description="within the realized profit")]
    wins: Annotated[int, Field(description="exits above zero in SOL, of what is counted")]
    losses: Annotated[int, Field(description="exits below zero, the same")]
    wins_usd: int
    losses_usd: int
    cost_lamports: Annotated[LamportsText, Field(description="of what is held, where known")]
    cost_covers: Annotated[
        AmountBody, Field(description="the part of what is held it is the cost of")
    ]
    cost_usd: MaybeUsd
    cost_usd_covers: AmountBody
    avg_hold_sec: Annotated[
        int | None, Field(description="from entry to exit, weighed by units; null without exits")
    ]
    method_fallbacks: Annotated[
        int, Field(description="exits whose lots could not be ranked: the oldest were taken first")
    ]
    left_out: GroupLeftOutBody
    slot_ref: Annotated[int, Field(description="of the latest change")]
    changed_at: MaybeTime
    provisional: Annotated[list[Provisional], Field(description="of any member")]


class GroupTotalsBody(Body):
    """Sums over tokens, without SOL, USDC and USDT."""

    open: int
    closed: int
    realized_pnl_lamports: LamportsText
    realized_pnl_usd: MaybeUsd
    fees_lamports: LamportsText
    fees_usd: UsdText
    other_fees_lamports: Annotated[
        LamportsText, Field(description="of transactions without a trade; in no profit")
    ]
    wins: int
    losses: int
    wins_usd: int
    losses_usd: int
    excluded_lamports: Annotated[
        LamportsText, Field(description="received for what has no known cost, or no lot")
    ]
    excluded_usd: UsdText
    unpriced_exits: int
    unpriced_exits_usd: int
    pending_exits_usd: int
    method_fallbacks: int


class GroupPositionsBody(Body):
    """A group of wallets folded as one, and a page of its positions."""

    model_config = shown_by(examples.GROUP)

    id: str
    wallets: list[GroupMemberBody]
    method: Method
    realize_exchange_transfers: bool
    exchanges_version: Annotated[
        int | None, Field(description="of the list of exchanges' wallets; null where none was used")
    ]
    transactions: Annotated[int, Field(description="that of several members counts once")]
    totals: GroupTotalsBody
    provisional: Annotated[list[Provisional], Field(description="of any member")]
    computed_at: datetime
    expires_at: Annotated[datetime, Field(description="asking again keeps it for longer")]
    items: Annotated[
        list[GroupPositionBody], Field(description="highest realized profit in SOL first")
    ]
    next_cursor: str | None


def group_body(page: ViewPage, cursor: str | None) -> GroupPositionsBody:
    """The body of a page of a group's positions."""
    head = page.head
    provisional = _provisional(head)
    return GroupPositionsBody(
        id=head.view_id,
        wallets=[_member(member) for member in head.members],
        method=head.choice.method,
        realize_exchange_transfers=head.choice.realize_exchange_transfers,
        exchanges_version=head.exchanges_version,
        transactions=head.transactions,
        totals=_totals(head.totals, head.other_fees_lamports),
        provisional=provisional,
        computed_at=page.computed_at,
        expires_at=page.expires_at,
        items=[_position(record, provisional) for record in page.records],
        next_cursor=cursor,
    )


def _member(member: ViewMember) -> GroupMemberBody:
    return GroupMemberBody(
        address=member.wallet,
        state=member.state,
        as_of_slot=member.as_of_slot,
        provisional=provisional_of(
            history_partial=member.is_history_partial,
            order_unresolved=member.is_order_unresolved,
            soft=member.is_soft,
        ),
    )


def _provisional(head: ViewHead) -> list[Provisional]:
    return provisional_of(
        history_partial=any(member.is_history_partial for member in head.members),
        order_unresolved=any(member.is_order_unresolved for member in head.members),
        soft=any(member.is_soft for member in head.members),
    )


def _totals(totals: ViewTotals, other_fees_lamports: int) -> GroupTotalsBody:
    return GroupTotalsBody(
        open=totals.open_count,
        closed=totals.closed_count,
        realized_pnl_lamports=str(totals.realized_lamports),
        realized_pnl_usd=_profit(totals.usd),
        fees_lamports=str(totals.fees_lamports),
        fees_usd=f"{totals.usd.fees_usd:f}",
        other_fees_lamports=str(other_fees_lamports),
        wins=totals.wins,
        losses=totals.losses,
        wins_usd=totals.usd.wins,
        losses_usd=totals.usd.losses,
        excluded_lamports=str(totals.excluded_lamports),
        excluded_usd=f"{totals.usd.excluded_usd:f}",
        unpriced_exits=totals.unpriced,
        unpriced_exits_usd=totals.usd.unpriced,
        pending_exits_usd=totals.usd.pending,
        method_fallbacks=totals.fallbacks,
    )


def _position(record: ViewRecord, provisional: list[Provisional]) -> GroupPositionBody:
    f, usd = record.position.figures, record.position.usd
    realized, held = usd.realized, usd.open
    return GroupPositionBody(
        held=_amount(record, f["held_raw"]),
        on_chain=_amount(record, record.on_chain_raw),
        difference=_amount(record, f["held_raw"] - record.on_chain_raw),
        aside=_amount(record, f["aside_raw"]),
        is_open=record.position.is_open,
        is_quote=record.position.mint in QUOTES,
        episodes=f["episodes"],
        buys=f["buys"],
        exits=f["exits"],
        bought=_amount(record, f["bought_raw"]),
        sold=_amount(record, f["sold_raw"]),
        arrived=_amount(record, f["arrived_raw"]),
        left=_amount(record, f["left_raw"]),
        realized_pnl_lamports=str(f["realized_lamports"]),
        realized_pnl_usd=_profit(realized),
        fees_lamports=str(f["fees_lamports"]),
        fees_usd=f"{realized.fees_usd:f}",
        wins=f["wins"],
        losses=f["losses"],
        wins_usd=realized.wins,
        losses_usd=realized.losses,
        cost_lamports=str(f["cost_lamports"]),
        cost_covers=_amount(record, f["priced_raw"]),
        cost_usd=f"{held.cost_usd:f}" if held.priced_raw or not f["held_raw"] else None,
        cost_usd_covers=_amount(record, held.priced_raw),
        avg_hold_sec=f["held_unit_seconds"] // f["held_units"] if f["held_units"] else None,
        method_fallbacks=record.position.fallbacks,
        left_out=_left_out(record),
        slot_ref=record.position.last_slot,
        changed_at=utc_or_none(record.position.last_at),
        provisional=provisional,
    )


def _left_out(record: ViewRecord) -> GroupLeftOutBody:
    f, usd = record.position.figures, record.position.usd.realized
    return GroupLeftOutBody(
        unknown_basis=_amount(record, f["unknown_raw"]),
        unmatched=_amount(record, f["unmatched_raw"]),
        excluded_lamports=str(f["excluded_lamports"]),
        excluded_usd=f"{usd.excluded_usd:f}",
        unpriced_exits=f["unpriced"],
        unpriced=_amount(record, f["unpriced_raw"]),
        unpriced_exits_usd=usd.unpriced,
        pending_exits_usd=usd.pending,
        opening=_amount(record, f["opening_raw"]),
        short=_amount(record, f["short_raw"]),
    )


def _profit(usd: DayFigures) -> str | None:
    """Dollars; None where something is missing and nothing is counted: missing is not zero."""
    is_counted = usd.proceeds_usd or usd.cost_usd or usd.fees_usd
    is_missing = usd.pending or usd.unpriced
    return None if is_missing and not is_counted else f"{usd.realized_usd:f}"


def _amount(record: ViewRecord, raw: int) -> AmountBody:
    mint = record.position.mint
    return AmountBody.of(Amount(RawAmount(raw), record.decimals, mint, record.symbol))
