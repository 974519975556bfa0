"""Transfers of a wallet: whom it got what from, and whom it gave what, day by day.

A flow is the sum of the movements of kind `transfer` of one UTC day, counterparty, mint and
direction. It is order-free, like all that the ledger's fold sums. What arrived unasked and is
marked as spam or dust is a direction of its own, so that it never swells what came in.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import NamedTuple

from oof.domain.units import SOL_MINT, Address, Mint, RawAmount


class Direction(IntEnum):
    """Which way a transfer went, from the wallet's side."""

    IN = 1
    OUT = 2
    MARKED = 3
    """It came in, and is spam or dust."""


class Transfer(NamedTuple):
    """One movement by transfer of one transaction."""

    counterparty: Address | None
    """None where nobody knows."""
    mint: Mint
    delta_raw: RawAmount
    """Positive where it arrived."""
    is_marked: bool = False

    @property
    def direction(self) -> Direction:
        """Which way it went."""
        if self.delta_raw < 0:
            return Direction.OUT
        return Direction.MARKED if self.is_marked else Direction.IN


class FlowKey(NamedTuple):
    """What a flow is the sum of."""

    day: int
    """Days since 1970, or `NO_DAY`."""
    counterparty: Address | None
    mint: Mint
    direction: Direction


class FlowSum(NamedTuple):
    """How often, and how much altogether."""

    transfers: int
    raw: int
    """Base units, positive."""


class Flows:
    """Signed changes of flows on their way to being summed."""

    def __init__(self) -> None:
        self._counts: Counter[FlowKey] = Counter()
        self._raws: Counter[FlowKey] = Counter()

    def add(self, day: int, transfers: Iterable[Transfer], sign: int) -> None:
        """Add the transfers of one transaction, or take them away."""
        for each in transfers:
            key = FlowKey(day, each.counterparty, each.mint, each.direction)
            self._counts[key] += sign
            self._raws[key] += sign * abs(each.delta_raw)

    def changes(self) -> Iterator[tuple[FlowKey, FlowSum]]:
        """Yield what changed."""
        for key, count in self._counts.items():
            if count or self._raws[key]:
                yield key, FlowSum(count, self._raws[key])


def flow_counters(transfers: Iterable[Transfer]) -> Counter[str]:
    """Return what transfers add to their day: how many either way, and how much SOL."""
    found: Counter[str] = Counter()
    for each in transfers:
        name = each.direction.name.lower()
        found[name] += 1
        if each.mint == SOL_MINT:
            found[f"sol_{name}"] += abs(each.delta_raw)
    return found
