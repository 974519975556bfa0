"""A story put in order, with what several detectors ask of it worked out once."""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from oof.domain.moments.config import MomentConfig
from oof.domain.moments.model import Stamp, Story, StoryTrade
from oof.domain.moments.worth import home_of
from oof.domain.prices.book import PriceBook, Span
from oof.domain.prices.candles import Width
from oof.domain.tokens import QUOTES
from oof.domain.units import Mint, Slot, UnixSeconds

_NEVER: Final = UnixSeconds(2**62)


class ToldHours:
    """The hours in which a mint has a price; found out when they are first asked for."""

    def __init__(self, prices: PriceBook, mint: Mint) -> None:
        self._prices = prices
        self._mint = mint
        self._hours: list[int] | None = None

    def within(self, span: Span) -> list[int]:
        """Return those a span reaches into, by where they start."""
        if self._hours is None:
            told = self._prices.within(self._mint, UnixSeconds(0), _NEVER)
            self._hours = sorted({Width.HOUR.bucket(candle.start) for candle in told})
        low = bisect_left(self._hours, Width.HOUR.bucket(span.start))
        return self._hours[low : bisect_left(self._hours, span.end)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What detectors look at: a story in chain order, and what they are set to."""

    story: Story
    config: MomentConfig
    decimals: int | None
    """Of the story's mint."""
    is_quote: bool
    """Whether the mint pays for things: what leaves it is no exit, what arrives no entry."""
    swaps: tuple[StoryTrade, ...]
    """Trades whose home this story is, that the wallet took part in as a taker, and meant."""
    unordered: frozenset[Slot]
    """Slots with several of the wallet's transactions, not all of known place."""
    hours: ToldHours
    """Of the story's mint."""


def case_of(story: Story, config: MomentConfig) -> Case:
    """Return a story in order: the same whatever order its parts came in."""
    ordered = replace(
        story,
        trades=tuple(sorted(story.trades, key=lambda t: (t.stamp.order, t.leg))),
        exits=tuple(sorted(story.exits, key=lambda e: (e.stamp.order, e.place))),
        records=tuple(sorted(story.records, key=lambda e: (e.stamp.order, e.place))),
        balances=tuple(sorted(story.balances, key=lambda b: b.stamp.order)),
        episodes=tuple(sorted(story.episodes, key=lambda e: e.number)),
        fees=tuple(sorted(story.fees, key=lambda f: f.stamp.order)),
        neighbours=tuple(sorted(story.neighbours, key=lambda n: (n.stamp.order, n.leg))),
    )
    return Case(
        story=ordered,
        config=config,
        decimals=story.prices.decimals(story.mint),
        is_quote=story.mint in QUOTES,
        swaps=tuple(t for t in ordered.trades if _is_meant(t) and home_of(t) == story.mint),
        unordered=_unordered(_stamps(ordered)),
        hours=ToldHours(story.prices, story.mint),
    )


def _is_meant(trade: StoryTrade) -> bool:
    """A maker waits for his price, and an arbitrage is no trade of one thing for another."""
    is_round = trade.arbitrage or trade.sold_mint == trade.bought_mint
    return not (trade.is_maker or is_round) and min(trade.sold_raw, trade.bought_raw) > 0


def _stamps(story: Story) -> Iterable[Stamp]:
    for rows in (story.trades, story.exits, story.balances):
        yield from (row.stamp for row in rows)


def _unordered(stamps: Iterable[Stamp]) -> frozenset[Slot]:
    places: dict[Slot, dict[str, bool]] = {}
    for stamp in stamps:
        places.setdefault(stamp.slot, {})[stamp.signature] = stamp.tx_index is not None
    return frozenset(
        slot for slot, known in places.items() if len(known) > 1 and not all(known.values())
    )
