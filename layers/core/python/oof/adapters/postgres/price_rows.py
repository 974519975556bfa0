"""Candles as their table keeps them: minutes since 1970, small numbers for who told."""

from collections.abc import Sequence
from typing import Any, Final

from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.prices.series import Priced
from oof.domain.units import UnixSeconds

SOURCE_CODES: Final = {
    Source.PYTH: 1,
    Source.JUPITER: 2,
    Source.GECKOTERMINAL: 3,
    Source.SWAPS: 4,
}
"""The small numbers that stand for sources. Never reused, only added."""
MINUTE_S: Final = 60
_SOURCE_OF: Final = {code: source for source, code in SOURCE_CODES.items()}


def candle_of(row: Sequence[Any]) -> Candle:
    """Return a candle from its columns: start, width, prices, volume, source, confidence."""
    start, width, first, high, low, last, volume, source, confidence = row
    return Candle(
        start=UnixSeconds(start * MINUTE_S),
        width=Width(width),
        open=first,
        high=high,
        low=low,
        close=last,
        volume_usd=volume,
        source=_SOURCE_OF[source],
        confidence=confidence,
    )


def priced_of(row: Sequence[Any]) -> Priced:
    """Return a price from a candle's columns: close, start, width, source, confidence."""
    usd, start, width, source, confidence = row
    return Priced(usd, UnixSeconds(start * MINUTE_S), Width(width), _SOURCE_OF[source], confidence)
