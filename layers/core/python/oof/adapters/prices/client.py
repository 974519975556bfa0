"""Asking who sells prices: through a gate of its own, with faults sorted as everywhere.

Numbers in answers become `Decimal`: money never meets a float.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from oof.adapters.helius.faults import BROKEN_ANSWER, fault_of
from oof.adapters.helius.transport import Ask, Transport
from oof.domain.errors import UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import CallClass
from oof.domain.prices.candles import CONFIDENCE, Candle, Source, Width, price_of
from oof.domain.prices.wants import Want
from oof.domain.units import UnixSeconds

CALLS: Final = CallClass.RPC
"""The one lane of a price provider's gate."""


def decimals_of(content: bytes) -> Any:
    """Return an answer's JSON with exact numbers. Raises ValueError."""
    return json.loads(content, parse_float=Decimal, parse_constant=Decimal)


class PriceClient:
    """GETs of one provider; `weight` is what each takes of a plan of whole calls a second."""

    def __init__(self, transport: Transport, *, weight: int = 1) -> None:
        self._transport = transport
        self._weight = weight
        self.reads = 0

    def get(self, name: str, path: str, query: Mapping[str, str]) -> Any:
        """Return an answer's JSON. Raises what `Transport.exchange` does, after its tries."""
        ask = Ask(
            name=name,
            kind=CALLS,
            content=b"",
            calls=self._weight,
            verb="GET",
            path=path,
            price=1,
            query=query,
        )
        for attempt in self._transport.attempts():
            with attempt:
                self.reads += 1
                return self._transport.exchange(ask)
        raise AssertionError("stamina ends by returning or raising")


def broken(name: str) -> UpstreamUnavailable | UpstreamRejected:
    """Return what to raise for an answer of no known shape."""
    return fault_of(name, BROKEN_ANSWER, f"{name} was answered with no shape that is known")


def candles_of(rows: Sequence[Sequence[Any]], want: Want, source: Source) -> tuple[Candle, ...]:
    """Return the sound and wanted candles of `[start, open, high, low, close, volume|None]`.

    Raises `ArithmeticError`, `TypeError` or `ValueError` for what are no numbers.
    """
    candles = {candle.start: candle for row in rows for candle in [_candle(row, want, source)]}
    return tuple(
        candle
        for start, candle in sorted(candles.items())
        if want.start <= start < want.end and candle.is_sound
    )


def _candle(row: Sequence[Any], want: Want, source: Source) -> Candle:
    at, *numbers = row
    first, high, low, last = (price_of(Decimal(number)) for number in numbers[:4])
    volume = numbers[4]
    width: Width = want.width
    return Candle(
        start=UnixSeconds(width.bucket(int(at))),
        width=width,
        open=first,
        high=high,
        low=low,
        close=last,
        volume_usd=None if volume is None else price_of(Decimal(volume)),
        source=source,
        confidence=CONFIDENCE[source],
    )
