"""How wallets stand, read from the facts in memory."""

from collections.abc import Mapping, Sequence

from oof.domain.freshness import Standing
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.ports.memory.fact_tables import Tables, TrackedWallet
from oof.ports.memory.facts import MemoryFactStore


class MemoryStatusReader:
    """A `StatusReader` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def standings(self, wallets: Sequence[Address]) -> Mapping[Address, Standing]:
        """See `StatusReader.standings`."""
        tables = self._facts.tables
        rows = ((wallet, tables.tracked.get(wallet)) for wallet in wallets)
        return {wallet: _standing(tables, row) for wallet, row in rows if row is not None}


def _standing(tables: Tables, row: TrackedWallet) -> Standing:
    head = tables.position_heads.get(row.wallet_id)
    return Standing(
        state=row.state if row.blocked_code is None else WalletState.BLOCKED,
        as_of_slot=row.span.newest_slot,
        checked_at=row.tail_checked_at,
        is_applying=any(owner == row.wallet_id for owner, _ in tables.pending),
        is_folding=head is not None and head.stale_from is not None,
        is_valuing=any(owner == row.wallet_id for owner, _ in tables.valuation_due),
        is_history_partial=not row.coverage.complete,
    )
