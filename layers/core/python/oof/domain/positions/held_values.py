"""What a wallet held on each of some days, and what that was worth at their closing prices.

A quantity holds from the end of the day it changed on until the next day it changes; so a day's
holdings are those of all stretches that span its end. A closing price is the close of the last
bucket that began within the UTC day; of the running day, the newest so far. What has none is
missing and counted, never 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from typing import Final, NamedTuple

from oof.domain.positions.money import rounded_usd, sum_usd
from oof.domain.prices.series import Priced
from oof.domain.units import Mint

_EXACT: Final = Context(prec=200, traps=[Inexact])


class HeldSpan(NamedTuple):
    """A quantity of a mint, held at the end of `first` and of every day up to `last`."""

    mint: Mint
    decimals: int | None
    raw: int
    first: int
    last: int
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


class Held(NamedTuple):
    """What was held of one mint at the end of a day."""

    mint: Mint
    decimals: int | None
    raw: int
    price: Priced | None
    value_usd: Decimal | None
    """None without a price of that day."""
    symbol: str | None = None
    """As stored: under which symbol the mint is shown, where anybody told one."""


class HeldOnDay(NamedTuple):
    """What was held at the end of a day."""

    day: int
    mints: int
    unpriced: int
    """Of them, in no value."""
    value_usd: Decimal
    top: Sequence[Held]
    """The dearest first, then those without a price."""


def held_on_days(
    days: Iterable[int],
    spans: Sequence[HeldSpan],
    closes: Mapping[tuple[Mint, int], Priced],
    *,
    top: int,
) -> tuple[HeldOnDay, ...]:
    """Return what was held on each day; `top` holdings of each are told one by one."""
    return tuple(_on(day, spans, closes, top) for day in days)


def _on(
    day: int,
    spans: Sequence[HeldSpan],
    closes: Mapping[tuple[Mint, int], Priced],
    top: int,
) -> HeldOnDay:
    valued: list[Held] = []
    others: list[Held] = []
    values: list[Decimal] = []
    unpriced = 0
    for mint, decimals, raw, first, last, symbol in spans:
        if not first <= day <= last:
            continue
        price = closes.get((mint, day))
        if price is None or decimals is None:
            unpriced += 1
            if len(others) < top:
                others.append(Held(mint, decimals, raw, None, None, symbol))
            continue
        value = rounded_usd(_EXACT.multiply(_EXACT.scaleb(Decimal(raw), -decimals), price.usd))
        values.append(value)
        valued.append(Held(mint, decimals, raw, price, value, symbol))
    valued.sort(key=lambda held: (-(held.value_usd or 0), held.mint))
    mints = len(values) + unpriced
    return HeldOnDay(day, mints, unpriced, sum_usd(values), (valued + others)[:top])
