"""A wallet's vector, and what comparing vectors comes to."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.units import Address, Slot, UnixSeconds

UNKNOWN: Final = -1.0
"""In the place of a trait that is not known."""
ALL_KEPT: Final = 2**32
"""The sample limit of a vector that names every mint its wallet bought."""


class ShareUnit(StrEnum):
    """What shares of capital were counted in."""

    USD = "usd"
    SOL = "sol"


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletVector:
    """What a wallet is compared by; `features` defines every part.

    Mints are the store's own numbers. Arrays of one group have one length and one order.
    """

    version: int
    newest_at: UnixSeconds
    """Begin of the newest hour with a transaction: the year ends with its day."""
    purchases: int
    """Within the year, of tokens."""
    priced: int
    """Of these, those paid in SOL or dollars, which shares count."""
    mints: int
    """Tokens bought within the year."""
    unit: ShareUnit | None
    """None where no purchase was paid in SOL or dollars."""
    rest: float
    """The share of tokens that are not named."""
    share_mints: array[int]
    """int32, the largest share first."""
    shares: array[float]
    """float32."""
    sample_limit: int
    """Of more tokens than are kept, the least sample key of those left out; else `ALL_KEPT`."""
    first_keys: array[int]
    """uint32, ascending: the sample key of each token kept."""
    first_mints: array[int]
    """int32."""
    first_slots: array[int]
    """int32: of its first purchase."""
    first_ats: array[int]
    """uint32 unix seconds of the same; 0 where nobody knows."""
    first_txs: array[int]
    """int64: the store's number of the transaction."""
    hours: array[int]
    """uint32, 168 counts: transactions by UTC hour of the week, from Monday 00:00."""
    first_day: int
    """The first day of `days`, since 1970."""
    days: bytes
    """One bit a day of the year, the lowest bit of the first byte first: days with a
    transaction."""
    traits: array[float]
    """float32 from 0 to 1, in the order of `features.TRAITS`; `UNKNOWN` where it is not known."""


LEAST_LIKENESS: Final = 0.5
"""Groups are joined into clusters while the mean overall score between them is at least this; a
pair without one counts 0."""


class Component(StrEnum):
    """What two wallets are compared by."""

    ALLOCATION = "allocation"
    TIMING = "timing"
    COTRADING = "cotrading"
    BEHAVIOUR = "behaviour"


WEIGHTS: Final[Mapping[Component, float]] = {
    Component.ALLOCATION: 0.3,
    Component.TIMING: 0.15,
    Component.COTRADING: 0.4,
    Component.BEHAVIOUR: 0.15,
}
"""What each is worth in the whole, where it is known."""


class NoVector(StrEnum):
    """Why a wallet has no vector."""

    NEVER_OPENED = "never_opened"
    REFUSED = "refused"
    """It is no wallet, or too active: nothing is stored of it."""
    NOT_YET = "not_yet"
    """It is on its way: its history comes in, or is still to be portrayed."""
    TOO_FEW_PURCHASES = "too_few_purchases"
    """Fewer than `features.MIN_PURCHASES` within its year."""


class Scores(NamedTuple):
    """How alike two wallets are, each from 0 to 1; None where a sample is too small."""

    overall: float | None
    allocation: float | None
    timing: float | None
    cotrading: float | None
    behaviour: float | None


class FirstPurchase(NamedTuple):
    """A wallet's first purchase of a token within its year."""

    slot: Slot
    at: UnixSeconds | None
    tx_number: int
    """The store's own."""


class SharedMint(NamedTuple):
    """A token that two wallets of a pair both bought."""

    mint_number: int
    first: FirstPurchase
    second: FirstPurchase
    lag_s: float
    """Seconds from the first wallet's purchase to the second's; negative where it was earlier."""


class Entering(NamedTuple):
    """Who of a pair bought the tokens they share first, and how soon the other followed."""

    shared: int
    """Tokens that both bought, of those that both vectors would name."""
    first_led: int
    """Of these, the first wallet was earlier, in slots."""
    second_led: int
    same_slot: int
    within_10s: int
    within_60s: int
    within_10m: int
    within_2_slots: int
    median_lag_s: float | None
    """Signed as `SharedMint.lag_s`; None below `MIN_SHARED`."""
    median_gap_s: float | None
    """Of lags without their sign; None below `MIN_SHARED`."""
    closest: tuple[SharedMint, ...]
    """The smallest gaps, at most five."""


class Pair(NamedTuple):
    """Two wallets, by their places, that share a token."""

    first: int
    second: int
    scores: Scores
    entering: Entering
    leader: int | None
    """The place of whom the other follows: see `measures.leader_of`."""


class Holder(NamedTuple):
    """A wallet's part in a token that several share."""

    place: int
    share: float | None
    """Of its capital; None where the token is not among its largest."""
    purchase: FirstPurchase


class SharedToken(NamedTuple):
    """A token that several wallets bought, earliest first."""

    mint_number: int
    holders: tuple[Holder, ...]


class Cluster(NamedTuple):
    """Wallets that are alike, by their places, ascending."""

    members: tuple[int, ...]
    cohesion: float
    """The mean overall likeness of its pairs."""


class Sample(NamedTuple):
    """What a wallet's scores rest on."""

    active_days: int
    too_small: tuple[Component, ...]
    """Components that it has too little for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Wallets compared with each other, by their places in what was given."""

    scores: Sequence[Sequence[Scores]]
    """Square and symmetric."""
    samples: Sequence[Sample]
    pairs: tuple[Pair, ...]
    """Those that share a token, the most alike first; at most `compare.MAX_PAIRS`."""
    pairs_count: int
    """How many pairs share a token."""
    tokens: tuple[SharedToken, ...]
    """What most wallets share first; at most `compare.MAX_TOKENS`."""
    tokens_count: int
    clusters: tuple[Cluster, ...]
    """Of two wallets and more, the largest first."""


class Neighbour(NamedTuple):
    """A wallet that is like another."""

    wallet_id: int
    scores: Scores


class NamedNeighbour(NamedTuple):
    """The same, by its address."""

    wallet: Address
    scores: Scores
