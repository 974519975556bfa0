"""Amounts, addresses and times as people read them; the exact ones are the API's."""

from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any

_DIGITS = 6
"""Significant digits after a small number's leading zeros."""
_LAMPORTS_PER_SOL = Decimal(10**9)


def short(address: str) -> str:
    """`8rvAsDKe…Uy7qR`."""
    return address if len(address) <= 16 else f"{address[:6]}…{address[-5:]}"


def token(amount: dict[str, Any]) -> str:
    """The symbol of an amount's mint, else the mint itself, shortened."""
    return str(amount["symbol"] or short(amount["mint"]))


def quantity(amount: dict[str, Any]) -> str:
    """An amount with its thousands apart, cut to what the eye needs; raw without decimals."""
    if amount["ui"] is None:
        return f"{int(amount['raw']):,} base units"
    return readable(Decimal(amount["ui"]))


def sol(lamports: str) -> str:
    """Lamports as SOL."""
    return readable(Decimal(lamports) / _LAMPORTS_PER_SOL)


def readable(value: Decimal) -> str:
    """A number cut (never rounded up) to two decimals where large, six digits where small."""
    places = 2 if abs(value) >= 10_000 else 4 if abs(value) >= 1 else _small_places(value)
    cut = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN)
    text = f"{cut:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment(text: str | None, *, estimated: bool = False) -> str:
    """A time of the API's, in UTC; `~` where it is an estimate."""
    if text is None:
        return "unknown"
    shown = f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return f"~{shown}" if estimated else shown


def _small_places(value: Decimal) -> int:
    return 0 if not value else min(-value.adjusted() - 1 + _DIGITS, 18)
