"""Wallets in few words, as vectors: who bought which token when, and how it behaves."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from oof.domain.similarity.features import TRAITS, MintPurchases, vector_of
from oof.domain.similarity.model import UNKNOWN, WalletVector
from oof.domain.transactions.base58 import encode_base58
from oof.domain.units import Mint, Slot, UnixSeconds

T0 = UnixSeconds(1_750_000_000)
HOUR = 3_600


class Bought(NamedTuple):
    """One purchase: so many seconds after `T0`, for so much SOL."""

    token: int
    after: int
    sol: float = 1.0


def mint(number: int) -> Mint:
    """The address of a token by its number."""
    return Mint(encode_base58(sha256(f"token {number}".encode()).digest()))


def slot_at(after: int) -> Slot:
    """The slot so many seconds after `T0`."""
    return Slot(300_000_000 + int(after * 2.5))


def purchases_of(bought: Iterable[Bought]) -> tuple[MintPurchases, ...]:
    """Purchases summed by token, as a store sums them."""
    by_token: dict[int, list[Bought]] = {}
    for each in bought:
        by_token.setdefault(each.token, []).append(each)
    found = []
    for token, theirs in by_token.items():
        first = min(each.after for each in theirs)
        lamports = sum(int(each.sol * 10**9) for each in theirs)
        found.append(
            MintPurchases(
                mint_number=token,
                mint=mint(token),
                first_slot=slot_at(first),
                first_at=UnixSeconds(T0 + first),
                first_tx=token * 1_000_000 + first,
                purchases=len(theirs),
                priced=len(theirs),
                lamports=lamports,
                lamport_dollars=Decimal(lamports) * 150,
                micros=0,
            )
        )
    return tuple(found)


def hours_of(bought: Iterable[Bought]) -> dict[UnixSeconds, int]:
    """Transactions by hour: one a purchase."""
    hours: dict[UnixSeconds, int] = {}
    for each in bought:
        begin = UnixSeconds((T0 + each.after) // HOUR * HOUR)
        hours[begin] = hours.get(begin, 0) + 1
    return hours


def traits(values: Mapping[int, float] | None = None) -> "array[float]":
    """Traits by their places; the others are not known."""
    told = values or {}
    return array("f", (told.get(place, UNKNOWN) for place in range(len(TRAITS))))


def some_traits(value: float) -> "array[float]":
    """Every trait at one value."""
    return array("f", [value] * len(TRAITS))


def vector(bought: Sequence[Bought], told: "array[float] | None" = None) -> WalletVector:
    """The vector of a wallet that bought enough to have one."""
    made = vector_of(purchases_of(bought), hours_of(bought), traits() if told is None else told)
    if made is None:
        raise AssertionError("too few purchases for a vector")
    return made
