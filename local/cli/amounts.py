"""Amounts, addresses and times as people read them; the exact ones are the API's."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

from rich.markup import escape

_DIGITS = 6
"""Significant digits after a small number's leading zeros."""
_SYMBOL = 12
"""Letters of a symbol that a table has room for."""
_LETTERS = ((Decimal(10**12), "T"), (Decimal(10**9), "B"), (Decimal(10**6), "M"))
_LAMPORTS_PER_SOL = Decimal(10**9)
_CENT = Decimal("0.01")
GAIN, LOSS = "#3a8fd0", "#d55e00"
"""Blue and vermilion: everybody tells them apart, on light and on dark; a sign says the same."""


def short(address: str) -> str:
    """`8rvAsDKe…Uy7qR`."""
    return address if len(address) <= 16 else f"{address[:6]}…{address[-5:]}"


def token(amount: dict[str, Any]) -> str:
    """The symbol of an amount's mint, else the mint itself, shortened."""
    return named(amount["symbol"], amount["mint"])


def named(symbol: str | None, mint: str) -> str:
    """A symbol, cut, as text that no table takes for markup; without one the mint, shortened."""
    if not symbol:
        return short(mint)
    return escape(symbol if len(symbol) <= _SYMBOL else f"{symbol[: _SYMBOL - 1]}…")


def quantity(amount: dict[str, Any]) -> str:
    """An amount with its thousands apart, cut to what the eye needs; raw without decimals."""
    if amount["ui"] is None:
        return f"{int(amount['raw']):,} base units"
    return readable(Decimal(amount["ui"]))


def sol(lamports: str) -> str:
    """Lamports as SOL."""
    return readable(Decimal(lamports) / _LAMPORTS_PER_SOL)


def readable(value: Decimal) -> str:
    """A number cut, never rounded up: millions and billions by letter, six digits where small."""
    for size, letter in _LETTERS:
        if abs(value) >= size:
            return f"{_cut(value / size, 2)}{letter}"
    places = 2 if abs(value) >= 10_000 else 4 if abs(value) >= 1 else _small_places(value)
    return _cut(value, places)


def signed(value: Decimal) -> str:
    """A number as `readable` has it, with its sign also where it is above zero."""
    return f"{'+' if value > 0 else ''}{readable(value)}"


def cents(value: Decimal) -> Decimal:
    """Dollars to the cent, cut; what is less than one is left as it is."""
    return value.quantize(_CENT, ROUND_DOWN) if abs(value) >= _CENT else value


def moment(text: str | None, *, is_brief: bool = False) -> str:
    """A time of the API's, in UTC; a brief one is to the minute."""
    if text is None:
        return "unknown"
    time = datetime.fromisoformat(text).astimezone(UTC)
    return f"{time:%y-%m-%d %H:%M}" if is_brief else f"{time:%Y-%m-%d %H:%M:%S}"


def _cut(value: Decimal, places: int) -> str:
    text = f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _small_places(value: Decimal) -> int:
    return 0 if not value else min(-value.adjusted() - 1 + _DIGITS, 18)
