"""The parts of a position's story, put together from rows: one way for whatever store they are in.

A story begins where the position's episode began that is open at the slot that is looked at; its
parts are what the wallet's own transactions did to it from there on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from oof.domain.moments.model import (
    BalancePoint,
    Exit,
    LotSlice,
    Neighbour,
    Stamp,
    StoryEpisode,
    StoryFees,
    StoryTrade,
)
from oof.domain.positions.lots import PRICED_ORIGINS, Lot, Origin
from oof.domain.positions.stored import EpisodeRow, ExitRow
from oof.domain.transactions.model import Kind
from oof.domain.units import Lamports, Mint, RawAmount, Signature, Slot, UnixSeconds


class HeldPosition(NamedTuple):
    """A stored position, as far as a story is concerned."""

    lots: tuple[Lot, ...]
    """Open ones, without those set aside."""
    opened: tuple[Slot, UnixSeconds | None] | None
    """When the episode began that is open; None where none is."""
    number: int
    """Of the newest episode."""


class TradeLeg(NamedTuple):
    """A trade of the wallet, as stored."""

    leg: int
    sold_mint: Mint
    sold_raw: RawAmount
    bought_mint: Mint
    bought_raw: RawAmount
    venue: str
    route: tuple[str, ...]
    is_maker: bool
    arbitrage: bool


class AccountMark(NamedTuple):
    """What one of the wallet's accounts held of a mint before and after a transaction."""

    account_id: int
    mint: Mint
    pre_raw: int
    post_raw: int


class ValuedExit(NamedTuple):
    """A stored sale, with what it came to in dollars."""

    row: ExitRow
    signature: Signature
    proceeds_usd: Decimal | None
    cost_usd: Decimal | None
    fees_usd: Decimal | None
    pnl_usd: Decimal | None
    lots_usd: tuple[Decimal | None, ...]
    """Cost of each lot it took whose cost is known at all, in order; empty before it is valued."""


@dataclass(slots=True)
class StoryRows:
    """What is stored of some positions of one wallet; every transaction is live."""

    stamps: dict[int, Stamp] = field(default_factory=dict)
    """By id, of all transactions named here."""
    walked: dict[Mint, list[int]] = field(default_factory=dict)
    """Transactions that moved the mint, from the story's first slot on."""
    trades: dict[int, list[TradeLeg]] = field(default_factory=dict)
    """All of the wallet's, by transaction."""
    fees: dict[int, dict[Kind, Lamports]] = field(default_factory=dict)
    marks: dict[int, list[AccountMark]] = field(default_factory=dict)
    standing: dict[tuple[Mint, int], int] = field(default_factory=dict)
    """What each account of the mints holds now."""
    neighbours: list[tuple[Mint, Neighbour]] = field(default_factory=list)
    exits: list[ValuedExit] = field(default_factory=list)
    records: list[ValuedExit] = field(default_factory=list)
    held: dict[Mint, HeldPosition] = field(default_factory=dict)
    episodes: dict[Mint, list[EpisodeRow]] = field(default_factory=dict)
    """Ended ones, from the one that was open at the slot looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryParts:
    """One position's story but for its prices; `Story` says what each part is."""

    mint: Mint
    first_slot: Slot
    """Where it begins: moments from there on are those of the whole history."""
    trades: tuple[StoryTrade, ...]
    exits: tuple[Exit, ...]
    records: tuple[Exit, ...]
    lots: tuple[Lot, ...]
    """Open ones."""
    balances: tuple[BalancePoint, ...]
    episodes: tuple[StoryEpisode, ...]
    fees: tuple[StoryFees, ...]
    neighbours: tuple[Neighbour, ...]
    tx_ids: Mapping[Signature, int]
    """Of the transactions that a moment may be about."""


def first_slot(from_slot: Slot, held: HeldPosition | None, ended: Iterable[EpisodeRow]) -> Slot:
    """Return where a story begins that is looked at from a slot on."""
    opened = [episode.opened_slot for episode in ended]
    if held is not None and held.opened is not None:
        opened.append(held.opened[0])
    return min([from_slot, *opened])


def parts_of(mint: Mint, first: Slot, rows: StoryRows) -> StoryParts:
    """Return the parts of one position's story that begins at a slot."""
    walked = sorted(rows.walked.get(mint, ()), key=lambda tx_id: rows.stamps[tx_id].order)
    traded = [tx_id for tx_id in walked if _legs(rows, tx_id, mint)]
    exits = [each for each in rows.exits if each.row.mint == mint]
    records = [each for each in rows.records if each.row.mint == mint]
    held = rows.held.get(mint)
    tx_ids = {rows.stamps[tx_id].signature: tx_id for tx_id in walked}
    return StoryParts(
        mint=mint,
        first_slot=first,
        trades=tuple(
            _trade(rows.stamps[tx_id], leg) for tx_id in traded for leg in _legs(rows, tx_id, mint)
        ),
        exits=_exits(exits),
        records=_exits(records),
        lots=() if held is None else held.lots,
        balances=tuple(_balances(mint, walked, rows)),
        episodes=_episodes(held, rows.episodes.get(mint, ())),
        fees=tuple(
            StoryFees(rows.stamps[tx_id], rows.fees.get(tx_id, {}), len(rows.trades[tx_id]))
            for tx_id in traded
        ),
        neighbours=tuple(each for other, each in rows.neighbours if other == mint),
        tx_ids=tx_ids | {each.signature: each.row.tx_id for each in (*exits, *records)},
    )


def _legs(rows: StoryRows, tx_id: int, mint: Mint) -> list[TradeLeg]:
    legs = rows.trades.get(tx_id, ())
    return [leg for leg in legs if mint in {leg.sold_mint, leg.bought_mint}]


def _trade(stamp: Stamp, leg: TradeLeg) -> StoryTrade:
    return StoryTrade(stamp, *leg)


def _balances(mint: Mint, walked: Sequence[int], rows: StoryRows) -> Iterable[BalancePoint]:
    """Yield a point for each transaction that changed what all accounts hold together.

    An account that no transaction of the story moved holds what it holds now all along.
    """
    now = {account: raw for (other, account), raw in rows.standing.items() if other == mint}
    own: dict[int, list[AccountMark]] = defaultdict(list)
    for tx_id in reversed(walked):
        for mark in rows.marks.get(tx_id, ()):
            if mark.mint == mint:
                own[tx_id].append(mark)
                now[mark.account_id] = mark.pre_raw
    total = sum(now.values())
    for tx_id in walked:
        before = total
        for mark in own.get(tx_id, ()):
            total += mark.post_raw - now[mark.account_id]
            now[mark.account_id] = mark.post_raw
        if total != before:
            yield BalancePoint(rows.stamps[tx_id], RawAmount(total))


def _episodes(held: HeldPosition | None, ended: Iterable[EpisodeRow]) -> tuple[StoryEpisode, ...]:
    told = [
        StoryEpisode(e.number, e.opened_slot, e.opened_at, e.closed_slot, e.closed_at)
        for e in sorted(ended, key=lambda e: e.number)
    ]
    if held is not None and held.opened is not None:
        told.append(StoryEpisode(held.number, *held.opened, None, None))
    return tuple(told)


def _exits(valued: Iterable[ValuedExit]) -> tuple[Exit, ...]:
    found = [_exit(each) for each in valued]
    return tuple(sorted(found, key=lambda each: (each.stamp.order, each.place)))


def _exit(valued: ValuedExit) -> Exit:
    row, told = valued.row, valued.row.document
    return Exit(
        stamp=Stamp(row.slot, told["tx_index"], valued.signature, told["at"]),
        place=row.place,
        qty_raw=RawAmount(int(told["qty_raw"])),
        unknown_raw=RawAmount(int(told["unknown_raw"])),
        unmatched_raw=RawAmount(int(told["unmatched_raw"])),
        bought_mint=Mint(told["bought_mint"]),
        bought_raw=RawAmount(int(told["bought_raw"])),
        proceeds_usd=valued.proceeds_usd,
        cost_usd=valued.cost_usd,
        fees_usd=valued.fees_usd,
        pnl_usd=valued.pnl_usd,
        lots=_slices(told["lots"], valued.lots_usd),
    )


def _slices(
    told: Iterable[Mapping[str, Any]], costs: Iterable[Decimal | None]
) -> tuple[LotSlice, ...]:
    """Return the lots an exit took; costs are told of those alone that have any."""
    left = iter(costs)
    slices = []
    for lot in told:
        origin = Origin(lot["origin"])
        cost_usd = next(left, None) if origin in PRICED_ORIGINS else None
        slices.append(
            LotSlice(
                signature=None if lot["signature"] is None else Signature(lot["signature"]),
                slot=Slot(lot["slot"]),
                tx_index=lot["tx_index"],
                at=lot["at"],
                origin=origin,
                qty_raw=RawAmount(int(lot["qty_raw"])),
                cost_raw={Mint(m): RawAmount(int(raw)) for m, raw in lot["cost_raw"].items()},
                cost_usd=cost_usd,
            )
        )
    return tuple(slices)


def lot_slice(lot: Lot, cost_usd: Decimal | None) -> LotSlice:
    """Return what is left of an open lot, at what that cost."""
    entry = lot.entry
    return LotSlice(
        signature=entry.signature,
        slot=entry.opened.slot,
        tx_index=entry.opened.tx_index,
        at=entry.at,
        origin=entry.origin,
        qty_raw=RawAmount(lot.qty_raw),
        cost_raw=dict(lot.cost_raw),
        cost_usd=cost_usd,
    )
