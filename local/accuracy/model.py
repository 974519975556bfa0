"""What is compared: swaps, and one recorded transaction with everything said about it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from local.accuracy.evidence import Evidence
from tests.checker.bodies import Body, Json


class Swap(NamedTuple):
    """One trade as ours and the peer's can be compared; amounts in base units."""

    trader: str | None
    sold_mint: str
    sold_raw: int
    bought_mint: str
    bought_raw: int

    def brief(self) -> str:
        """Return one short line that still tells any two swaps apart."""
        return (
            f"{(self.trader or 'nobody')[:8]}: {self.sold_raw} {self.sold_mint[:8]}"
            f" > {self.bought_raw} {self.bought_mint[:8]}"
        )

    @property
    def terms(self) -> tuple[str, int, str, int]:
        """Everything but who traded."""
        return self.sold_mint, self.sold_raw, self.bought_mint, self.bought_raw


class Leg(NamedTuple):
    """One trade that the peer found, with the outermost instruction it belongs to."""

    outer: int
    swap: Swap


class PeerAnswer(NamedTuple):
    """What the peer says of a transaction.

    `whole` is the one trade it makes of all, `parts` what it adds up to it; `legs` what it finds
    when told not to add up, which for Jupiter are the legs that Jupiter's own events report.
    """

    whole: Swap | None
    parts: tuple[Leg, ...]
    legs: tuple[Leg, ...]
    error: str | None


@dataclass(frozen=True)
class Case:
    """One recorded transaction: its body, our result, and the peer's answer."""

    file: str
    body: Body
    result: Json
    answer: PeerAnswer

    @cached_property
    def ours(self) -> tuple[Swap, ...]:
        """Our trades, takers and makers alike."""
        return tuple(swap_of(trade) for trade in self.result.get("trades", ()))

    @cached_property
    def evidence(self) -> Evidence:
        """What the transaction itself says, read by the independent checker's hand."""
        return Evidence(self.body)

    @property
    def agrees(self) -> bool:
        """Whether the peer's one trade, or all its parts, are exactly our trades."""
        ours = sorted(self.ours, key=str)
        whole = [self.answer.whole] if self.answer.whole else []
        parts = sorted((part.swap for part in self.answer.parts), key=str)
        return ours in (whole, parts)

    def said_by_us(self) -> str:
        """Return our trades in short."""
        return " + ".join(sorted(swap.brief() for swap in self.ours)) or "no trade"

    def said_by_peer(self) -> str:
        """Return the peer's one trade, in short."""
        if self.answer.error is not None:
            return "cannot be read"
        return self.answer.whole.brief() if self.answer.whole else "no trade"


def swap_of(trade: dict[str, Any]) -> Swap:
    """Read a trade of ours or of the peer's, whose fields have the same names."""
    return Swap(
        trade["trader"],
        trade["sold_mint"],
        int(trade["sold_raw"]),
        trade["bought_mint"],
        int(trade["bought_raw"]),
    )
