"""What the golden wallet did, in plain amounts: the script that results are checked against."""

from collections.abc import Mapping
from typing import NamedTuple

from local.upstream.generated.draft import Draft


class Swap(NamedTuple):
    """So much of one mint for so much of another: what reached the pool, and what left it."""

    sold_mint: str
    sold_raw: int
    bought_mint: str
    bought_raw: int
    is_bad: bool = False
    """Made on purpose at a price that was clearly worse than the market's."""


class Move(NamedTuple):
    """An amount that came (positive) or went without a trade."""

    mint: str
    raw: int
    why: str
    """`transfer`, `income`, `stake`, `liquidity` or `lending`."""


class Event(NamedTuple):
    """One transaction of the wallet."""

    signature: str
    slot: int
    time: int
    what: str
    swaps: tuple[Swap, ...]
    moves: tuple[Move, ...]
    paid: Mapping[str, int]
    """What it cost besides, by mint: fees, tips, rent; negative where more rent came back."""


class Golden(NamedTuple):
    """A life: whose, what happened, and the transactions it happened in, oldest first."""

    address: str
    events: tuple[Event, ...]
    drafts: tuple[Draft, ...]
