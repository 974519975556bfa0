"""The golden wallet's stories: what detectors read, made of what the project reads."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from local.upstream.golden.script import Golden
from oof.domain.moments.model import (
    BalancePoint,
    Exit,
    LotSlice,
    Stamp,
    Story,
    StoryEpisode,
    StoryTrade,
)
from oof.domain.positions.lots import Origin
from oof.domain.prices.book import PriceBook
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import Address, Mint, RawAmount, Signature, Slot, UnixSeconds
from tests.golden.engine import Folded, Told


def stories_of(
    golden: Golden, told: Sequence[Told], folded: Folded, book: PriceBook, now: int
) -> list[Story]:
    """Return the story of every mint, over the whole history."""
    stamps = {each.transaction.signature: _stamp(each) for each in told}
    trades = _trades(golden.address, told)
    balances = _balances(golden.address, told)
    return [
        Story(
            wallet=Address(golden.address),
            mint=Mint(mint),
            now=UnixSeconds(now),
            prices=book,
            trades=tuple(trades[mint]),
            exits=tuple(_exits(mint, folded, stamps)),
            balances=tuple(balances[mint]),
            episodes=tuple(_episodes(folded, mint)),
        )
        for mint in folded.positions
    ]


def _episodes(folded: Folded, mint: str) -> Iterator[StoryEpisode]:
    for number, each in enumerate(folded.episodes.get(mint, []), 1):
        opened, opened_at, closed, closed_at = each
        yield StoryEpisode(
            number,
            Slot(opened),
            None if opened_at is None else UnixSeconds(opened_at),
            None if closed is None else Slot(closed),
            None if closed_at is None else UnixSeconds(closed_at),
        )


def _stamp(each: Told) -> Stamp:
    transaction, index = each
    return Stamp(Slot(transaction.slot or 0), index, transaction.signature, transaction.block_time)


def _trades(wallet: str, told: Sequence[Told]) -> Mapping[str, list[StoryTrade]]:
    found: dict[str, list[StoryTrade]] = defaultdict(list)
    for each in told:
        for leg, trade in enumerate(each.transaction.trades):
            if trade.trader == wallet:
                row = StoryTrade(_stamp(each), leg, *trade[1:5], trade.venue, trade.route)
                for mint in {trade.sold_mint, trade.bought_mint}:
                    found[mint].append(row)
    return found


def _balances(wallet: str, told: Sequence[Told]) -> Mapping[str, list[BalancePoint]]:
    held: dict[str, int] = defaultdict(int)
    found: dict[str, list[BalancePoint]] = defaultdict(list)
    for each in told:
        for mint, change in _changes(wallet, each.transaction).items():
            held[mint] += change
            found[mint].append(BalancePoint(_stamp(each), RawAmount(held[mint])))
    return found


def _changes(wallet: str, transaction: NormalizedTransaction) -> Mapping[str, int]:
    changes: dict[str, int] = defaultdict(int)
    for balance in transaction.balances:
        if balance.owner == wallet:
            changes[balance.mint] += balance.post_raw - balance.pre_raw
    return {mint: change for mint, change in changes.items() if change}


def _exits(mint: str, folded: Folded, stamps: Mapping[Signature, Stamp]) -> list[Exit]:
    found = []
    for (other, signature), documents in folded.exits.items():
        for place, row in enumerate(documents) if other == mint else ():
            lots = tuple(
                LotSlice(
                    lot["signature"],
                    Slot(lot["slot"]),
                    lot["tx_index"],
                    lot["at"],
                    Origin(lot["origin"]),
                    RawAmount(int(lot["qty_raw"])),
                    {Mint(paid): RawAmount(int(raw)) for paid, raw in lot["cost_raw"].items()},
                    None,
                )
                for lot in row["lots"]
            )
            found.append(
                Exit(
                    stamp=stamps[Signature(signature)],
                    place=place,
                    qty_raw=RawAmount(int(row["qty_raw"])),
                    unknown_raw=RawAmount(int(row["unknown_raw"])),
                    unmatched_raw=RawAmount(int(row["unmatched_raw"])),
                    bought_mint=Mint(row["bought_mint"]),
                    bought_raw=RawAmount(int(row["bought_raw"])),
                    proceeds_usd=None,
                    cost_usd=None,
                    fees_usd=None,
                    pnl_usd=None,
                    lots=lots,
                )
            )
    return found
