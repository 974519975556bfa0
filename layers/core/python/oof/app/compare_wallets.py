"""Compare wallets by their stored vectors: two reads, and no fetching."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from oof.app.read_neighbours import why_no_vector
from oof.domain.errors import InvalidInput
from oof.domain.similarity.model import Comparison, FirstPurchase, NoVector, WalletVector
from oof.domain.units import Address
from oof.ports.vectors import Names, StoredVector, VectorReader

MIN_WALLETS: Final = 2
MAX_WALLETS: Final = 50

type Compare = Callable[[Sequence[WalletVector]], Comparison]
"""`domain.similarity.compare.compare`, handed in: it needs what most functions do not carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareDeps:
    """What comparing needs."""

    vectors: VectorReader
    compare: Compare


class AskedWallet(NamedTuple):
    """A wallet as it was asked for."""

    wallet: Address
    stored: StoredVector | None
    """None where it was never opened."""
    reason: NoVector | None
    """Why it is not compared; None where it is."""


class Compared(NamedTuple):
    """Wallets, and how alike they are."""

    asked: tuple[AskedWallet, ...]
    """Each once, in the order in which it is first named."""
    members: tuple[Address, ...]
    """Those compared, by address: what the comparison's places stand for."""
    comparison: Comparison
    names: Names
    """Of all tokens and transactions that the comparison shows."""


def compare_wallets(deps: CompareDeps, wallets: Sequence[Address]) -> Compared:
    """Return how alike some wallets are; those without a vector are named with the reason.

    Neither their order nor naming one twice matters. Raises `InvalidInput` below two wallets.
    """
    named = tuple(dict.fromkeys(wallets))
    if len(named) < MIN_WALLETS:
        raise InvalidInput("wallets", "at least two different wallets")
    found = deps.vectors.vectors(named)
    asked = tuple(_asked(wallet, found.get(wallet)) for wallet in named)
    pairs = ((each.wallet, each.stored.vector) for each in asked if each.stored is not None)
    members = sorted((wallet, vector) for wallet, vector in pairs if vector is not None)
    comparison = deps.compare([vector for _, vector in members])
    return Compared(
        asked,
        tuple(wallet for wallet, _ in members),
        comparison,
        deps.vectors.names(*_numbers(comparison)),
    )


def _asked(wallet: Address, stored: StoredVector | None) -> AskedWallet:
    has_vector = stored is not None and stored.vector is not None
    return AskedWallet(wallet, stored, None if has_vector else why_no_vector(stored))


def _numbers(comparison: Comparison) -> tuple[list[int], list[int]]:
    """Return the mints and transactions that a comparison shows."""
    purchases: list[FirstPurchase] = []
    mints = {token.mint_number for token in comparison.tokens}
    for token in comparison.tokens:
        purchases += (holder.purchase for holder in token.holders)
    for pair in comparison.pairs:
        for each in pair.entering.closest:
            mints.add(each.mint_number)
            purchases += (each.first, each.second)
    return sorted(mints), sorted({purchase.tx_number for purchase in purchases})
