"""Vectors and neighbours, read from the facts in memory."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from oof.domain.similarity.model import NamedNeighbour
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.ports.memory.fact_tables import Tables, TrackedWallet
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.vector_rows import NeighbourRow
from oof.ports.vectors import (
    FoundNeighbours,
    KeptVector,
    NamedMint,
    Names,
    Neighbourhood,
    NeighbourView,
    StoredVector,
    VectorKey,
)


class MemoryVectorReader:
    """A `VectorReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def vectors(self, wallets: Sequence[Address]) -> Mapping[Address, StoredVector]:
        """See `VectorReader.vectors`."""
        tables = self._facts.tables
        rows = ((wallet, tables.tracked.get(wallet)) for wallet in wallets)
        return {wallet: _stored(tables, row) for wallet, row in rows if row is not None}

    def names(self, mints: Sequence[int], transactions: Sequence[int]) -> Names:
        """See `VectorReader.names`."""
        tables = self._facts.tables
        met = list(tables.decimals)
        return Names(
            {number: NamedMint(met[number], tables.symbol(met[number])) for number in mints},
            {number: tables.transactions[number].transaction.signature for number in transactions},
        )

    def neighbours(self, wallet: Address) -> NeighbourView | None:
        """See `VectorReader.neighbours`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        stored = _stored(tables, row)
        found = tables.neighbours.get(row.wallet_id)
        return NeighbourView(
            stored._replace(vector=None),
            stored.vector is not None,
            None if found is None else _neighbourhood(tables, found),
        )


class MemoryNeighbourStore:
    """A `NeighbourStore` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def page(self, *, after: VectorKey | None, limit: int) -> tuple[KeptVector, ...]:
        """See `NeighbourStore.page`."""
        rows = sorted(
            ((-row.computed_at.timestamp(), wallet_id), row)
            for wallet_id, row in self._facts.tables.vectors.items()
            if row.vector is not None
        )
        last = None if after is None else (-after.computed_at.timestamp(), after.wallet_id)
        found = [
            KeptVector(VectorKey(row.computed_at, key[1]), row.vector)
            for key, row in rows
            if row.vector is not None and (last is None or key > last)
        ]
        return tuple(found[:limit])

    def keep(self, found: Sequence[FoundNeighbours], *, compared: int, at: datetime) -> None:
        """See `NeighbourStore.keep`."""
        for each in found:
            row = NeighbourRow(each, compared, at)
            self._facts.tables.neighbours[each.wallet_id] = row

    def drop(self, *, before: datetime) -> int:
        """See `NeighbourStore.drop`."""
        rows = self._facts.tables.neighbours
        old = [wallet_id for wallet_id, row in rows.items() if row.computed_at < before]
        for wallet_id in old:
            del rows[wallet_id]
        return len(old)


def _stored(tables: Tables, row: TrackedWallet) -> StoredVector:
    kept = tables.vectors.get(row.wallet_id)
    return StoredVector(
        state=row.state if row.blocked_code is None else WalletState.BLOCKED,
        as_of_slot=row.span.newest_slot,
        purchases=None if kept is None else kept.purchases,
        computed_at=None if kept is None else UnixSeconds(int(kept.computed_at.timestamp())),
        vector=None if kept is None else kept.vector,
    )


def _neighbourhood(tables: Tables, row: NeighbourRow) -> Neighbourhood:
    return Neighbourhood(
        row.compared,
        UnixSeconds(int(row.computed_at.timestamp())),
        tuple(
            NamedNeighbour(tables.addresses[each.wallet_id], each.scores)
            for each in row.found.neighbours
        ),
    )
