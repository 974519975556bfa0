"""Stories in few words: amounts in whole tokens of six decimals, money in dollars."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from oof.domain.moments.model import (
    BalancePoint,
    Exit,
    LotSlice,
    MomentKind,
    Stamp,
    Story,
    StoryEpisode,
    StoryTrade,
)
from oof.domain.moments.registry import detect
from oof.domain.positions.lots import Origin
from oof.domain.prices.book import MintPrices, PriceBook
from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.tokens import USDC_MINT
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount, Signature, Slot, UnixSeconds
from tests.support.recompute import check_evidence

type Number = str | int | Decimal

WALLET = Address("Wa11et1111111111111111111111111111111111111")
MINT = Mint("Token11111111111111111111111111111111111111")
OTHER = Mint("Other11111111111111111111111111111111111111")
HOUR = 3_600
DAY = 86_400
T0 = 19_700 * DAY
"""A UTC midnight."""
DAYS = 60
ALL_DAYS = frozenset(range(T0 // DAY - 2, T0 // DAY + DAYS))


def raw(units: Number) -> RawAmount:
    """Whole tokens of six decimals in base units."""
    return RawAmount(int(Decimal(units) * 10**6))


def candle(
    at: int,
    price: Number,
    volume: Number | None = 1_000_000,
    *,
    width: Width = Width.MINUTE,
    source: Source = Source.GECKOTERMINAL,
    confidence: int = 80,
    **prices: Number,
) -> Candle:
    """A bucket of one price; open, high, low and close may be told apart."""
    usd = {name: Decimal(prices.get(name, price)) for name in ("open", "high", "low", "close")}
    told = None if volume is None else Decimal(volume)
    return Candle(
        start=UnixSeconds(width.bucket(at)),
        width=width,
        volume_usd=told,
        source=source,
        confidence=confidence,
        **usd,
    )


DOLLARS = [
    candle(at, 1, None, width=Width.HOUR, source=Source.PYTH, confidence=95)
    for at in range(T0 - DAY, T0 + 20 * DAY, HOUR)
]


def book(
    *candles: Candle,
    asked: Iterable[int] = ALL_DAYS,
    sol: Iterable[Candle] = (),
    other: Iterable[Candle] = (),
) -> PriceBook:
    """Prices of the token, of dollars at one dollar for twenty days, and of SOL."""
    days = frozenset(asked)
    return PriceBook(
        [
            MintPrices(MINT, 6, candles, days, frozenset()),
            MintPrices(OTHER, 6, list(other), days, frozenset()),
            MintPrices(USDC_MINT, 6, DOLLARS, ALL_DAYS, frozenset()),
            MintPrices(SOL_MINT, 9, list(sol), ALL_DAYS, frozenset()),
        ]
    )


def stamp(at: int, name: str = "", *, index: int | None = 0) -> Stamp:
    """A transaction at a time; its slot counts seconds from T0, its name is what it did."""
    return Stamp(
        Slot(at - T0 + 1_000_000), index, Signature(name or f"tx{at - T0}"), UnixSeconds(at)
    )


def buy(at: int, units: Number, usd: Number, **more: Any) -> StoryTrade:
    """The token for dollar coins."""
    return StoryTrade(
        **{
            "stamp": stamp(at, f"buy{at - T0}"),
            "leg": 0,
            "sold_mint": USDC_MINT,
            "sold_raw": raw(usd),
            "bought_mint": MINT,
            "bought_raw": raw(units),
            "venue": "raydium",
            "route": ("raydium",),
            **more,
        }
    )


def lot(at: int, units: Number, usd: Number | None, **more: Any) -> LotSlice:
    """Units of what `buy` brought in at the same time."""
    return LotSlice(
        **{
            "signature": Signature(f"buy{at - T0}"),
            "slot": Slot(at - T0 + 1_000_000),
            "tx_index": 0,
            "at": UnixSeconds(at),
            "origin": Origin.TRADE,
            "qty_raw": raw(units),
            "cost_raw": {} if usd is None else {USDC_MINT: raw(usd)},
            "cost_usd": None if usd is None else Decimal(usd),
            **more,
        }
    )


def sell(at: int, units: Number, usd: Number, lots: Iterable[LotSlice] = (), **more: Any) -> Exit:
    """The token for dollar coins; units of no lot came in without a known cost."""
    taken = tuple(lots)
    known = sum(part.qty_raw for part in taken)
    share = Fraction(raw(usd)) * known / raw(units)
    proceeds = Decimal(round(share)) / 10**6
    cost = sum((part.cost_usd or Decimal(0) for part in taken), Decimal(0))
    return Exit(
        **{
            "stamp": stamp(at, f"sell{at - T0}"),
            "place": 0,
            "qty_raw": RawAmount(known),
            "unknown_raw": RawAmount(raw(units) - known),
            "unmatched_raw": RawAmount(0),
            "bought_mint": USDC_MINT,
            "bought_raw": raw(usd),
            "proceeds_usd": proceeds if known else None,
            "cost_usd": cost if known else None,
            "fees_usd": Decimal(0) if known else None,
            "pnl_usd": proceeds - cost if known else None,
            "lots": taken,
            **more,
        }
    )


def holds(at: int, units: Number, name: str = "") -> BalancePoint:
    """What is held after a transaction."""
    return BalancePoint(stamp(at, name), raw(units))


def episode(opened: int, closed: int | None = None, number: int = 1) -> StoryEpisode:
    """From one time to another, or until now."""
    end = None if closed is None else stamp(closed)
    return StoryEpisode(
        number,
        stamp(opened).slot,
        UnixSeconds(opened),
        None if end is None else end.slot,
        None if end is None else end.at,
    )


def story(prices: PriceBook, *, now: int = T0 + 30 * DAY, **parts: Any) -> Story:
    """A story of the token."""
    told = {"wallet": WALLET, "mint": MINT, "now": UnixSeconds(now), "prices": prices, **parts}
    return Story(**told)


def found(told: Story, kind: MomentKind, **settings: Any) -> Any:
    """The moments of one kind; of all kinds, each number follows from its evidence."""
    moments = detect(told, **settings)
    for moment in moments:
        check_evidence(moment)
    return [moment for moment in moments if moment.kind is kind]
