"""What a wallet held on each of some days, and what that was worth at their closing prices.

A quantity holds from the end of the day it changed on until the next day it changes; so a day's
holdings are those of all stretches that span its end. A closing price is the close of the last
bucket that began within the UTC day; of the running day, the newest so far. What has none is
missing and counted, never 0.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import islice
from typing import Final, NamedTuple

from oof.domain.positions.money import NO_USD, PLACES, sum_usd
from oof.domain.prices.series import Priced
from oof.domain.units import Mint

_WIDE: Final = Context(prec=200)
_CENTS: Final = Decimal(1).scaleb(-PLACES)


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
    known = {mint for mint, _ in closes}
    priced = [span for span in spans if span.mint in known]
    # Most of a bag that nobody trades has no price on any day: it is counted, not walked.
    dust = _Dust(span for span in spans if span.mint not in known)
    return tuple(_on(day, priced, closes, dust, top) for day in days)


class _Dust:
    """What has no price within the days asked for."""

    def __init__(self, spans: Iterable[HeldSpan]) -> None:
        self._spans = sorted(spans, key=lambda span: span.mint)
        self._firsts = sorted(span.first for span in self._spans)
        self._lasts = sorted(span.last for span in self._spans)

    def count(self, day: int) -> int:
        """Return how many were held at the end of a day."""
        return bisect_right(self._firsts, day) - bisect_left(self._lasts, day)

    def first(self, day: int, count: int) -> Iterator[HeldSpan]:
        """Yield the first so many that were, by mint."""
        return islice((span for span in self._spans if span.first <= day <= span.last), count)


def _on(
    day: int,
    spans: Sequence[HeldSpan],
    closes: Mapping[tuple[Mint, int], Priced],
    dust: _Dust,
    top: int,
) -> HeldOnDay:
    valued: list[Held] = []
    others: list[HeldSpan] = []
    for span in spans:
        if span.first <= day <= span.last:
            price = closes.get((span.mint, day))
            if price is None or span.decimals is None:
                others.append(span)
            else:
                usd = value_of(span.raw, span.decimals, price)
                valued.append(
                    Held(span.mint, span.decimals, span.raw, price, usd, symbol=span.symbol)
                )
    unpriced = len(others) + dust.count(day)
    valued.sort(key=lambda held: (-(held.value_usd or 0), held.mint))
    rest = sorted((*others, *dust.first(day, top)), key=lambda span: span.mint)
    return HeldOnDay(
        day,
        len(valued) + unpriced,
        unpriced,
        sum_usd(held.value_usd or NO_USD for held in valued),
        [
            *valued[:top],
            *(
                Held(each.mint, each.decimals, each.raw, None, None, symbol=each.symbol)
                for each in rest[: max(top - len(valued), 0)]
            ),
        ],
    )


def value_of(raw: int, decimals: int, price: Priced) -> Decimal:
    """Return what base units come to at a price, with eight decimals, half to even."""
    exact = _WIDE.multiply(_WIDE.scaleb(Decimal(raw), -decimals), price.usd)
    return exact.quantize(_CENTS, ROUND_HALF_EVEN, _WIDE)
