"""What a check of rollups reads from the facts in memory."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from oof.domain.positions.days import day_of
from oof.domain.positions.holding_days import HoldingDay
from oof.domain.rollups.drift import LedgerRollups, TradedExit, ValueRollups
from oof.domain.tokens import QUOTES
from oof.domain.units import Address
from oof.ports.memory.facts import MemoryFactStore, MemoryFactTransaction
from oof.ports.rollup_checks import Standing


class MemoryRollupCheckStore:
    """A `RollupCheckStore` over a `MemoryFactStore`."""

    def __init__(self, facts: MemoryFactStore) -> None:
        self._facts = facts

    def sample(self, *, turn: int, limit: int) -> tuple[Address, ...]:
        """See `RollupCheckStore.sample`."""
        tracked = self._facts.tables.tracked
        begun = sorted((row.wallet_id, w) for w, row in tracked.items() if row.applied_seq)
        whole = len(begun)
        return tuple(
            wallet
            for place, (_, wallet) in enumerate(begun)
            if (place - turn * limit) % whole < limit
        )

    @contextmanager
    def snapshot(self) -> Iterator["MemoryRollupSnapshot"]:
        """See `RollupCheckStore.snapshot`."""
        yield MemoryRollupSnapshot(self._facts.tables.copy())


class MemoryRollupSnapshot(MemoryFactTransaction):
    """A `RollupSnapshot` over copied tables."""

    def standing(self, wallet: Address) -> Standing | None:
        """See `RollupSnapshot.standing`."""
        tables = self._tables
        row = tables.tracked.get(wallet)
        if row is None or row.blocked_code is not None:
            return None
        wallet_id = row.wallet_id
        head = tables.position_heads.get(wallet_id)
        is_pending = any(owner == wallet_id for owner, _ in tables.pending)
        return Standing(
            wallet_id,
            row.applied_seq,
            is_applied=row.fold_due_at is None and not is_pending,
            is_folded=head is None or head.stale_from is None,
            is_valued=not any(owner == wallet_id for owner, _ in tables.valuation_due),
        )

    def ledger_rollups(self, wallet_id: int) -> LedgerRollups:
        """See `RollupSnapshot.ledger_rollups`."""
        tables = self._tables
        return LedgerRollups(
            counters=_own(tables.counters, wallet_id),
            hours=_own(tables.hours, wallet_id),
            activity=_own(tables.activity, wallet_id),
            flows=_own(tables.flows, wallet_id),
        )

    def holding_days(self, wallet_id: int) -> tuple[HoldingDay, ...]:
        """See `RollupSnapshot.holding_days`."""
        return tuple(_own(self._tables.holding_days, wallet_id).values())

    def value_rollups(self, wallet_id: int) -> ValueRollups:
        """See `RollupSnapshot.value_rollups`."""
        tables = self._tables
        entries = _own(tables.position_entries, wallet_id).values()
        days = _own(tables.position_days, wallet_id).values()
        return ValueRollups(
            exits=list(self._exits(wallet_id)),
            buys=Counter((e.mint, day_of(e)) for e in entries if e.mint not in QUOTES),
            position_days=[row for row in days if row.mint not in QUOTES],
            wallet_days=_own(tables.wallet_days, wallet_id),
            wallet_windows=_own(tables.wallet_windows, wallet_id),
            token_windows=_own(tables.token_windows, wallet_id),
        )

    def _exits(self, wallet_id: int) -> Iterator[TradedExit]:
        for key, row in self._tables.position_exits.items():
            if key[0] != wallet_id or row.mint in QUOTES:
                continue
            value = self._tables.exit_values.get(key)
            lamports = int(row.document["pnl_lamports"] or 0)
            if value is None:
                yield TradedExit(row.mint, day_of(row), lamports, None, None, None, None)
            else:
                money = value.proceeds_usd, value.cost_usd, value.fees_usd, value.pnl_usd
                yield TradedExit(row.mint, day_of(row), lamports, *money)


def _own(rows: dict[Any, Any], wallet_id: int) -> dict[Any, Any]:
    """A wallet's rows, by what their keys have beside the wallet."""
    own = ((key, row) for key, row in rows.items() if key[0] == wallet_id)
    return {key[1] if len(key) == 2 else key[1:]: row for key, row in own}
