"""What a check of rollups reads: all of one wallet, at one instant, without holding it up."""

from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from oof.domain.positions.holding_days import HoldingDay
from oof.domain.positions.stored import HistoryEvent
from oof.domain.rollups.drift import LedgerRollups, ValueRollups
from oof.domain.snapshot.ledger import WalletEntry
from oof.domain.units import Address, Slot


class Standing(NamedTuple):
    """How far a wallet's stages are; what is behind is to be other than what it is made of."""

    wallet_id: int
    ledger_rows: int
    is_applied: bool
    """Nothing is pending, and nothing is to be folded anew."""
    is_folded: bool
    is_valued: bool


class RollupSnapshot(Protocol):
    """Reads that all see the same."""

    def standing(self, wallet: Address) -> Standing | None:
        """Return how far a wallet is; None of one that was never tracked, or is blocked."""
        ...

    def live_entries(self, wallet_id: int, *, after_tx: int, limit: int) -> tuple[WalletEntry, ...]:
        """See `FactTransaction.live_entries`."""
        ...

    def history(
        self, wallet_id: int, *, after: Slot | None, limit: int
    ) -> tuple[HistoryEvent, ...]:
        """See `PositionTransaction.history`."""
        ...

    def ledger_rollups(self, wallet_id: int) -> LedgerRollups:
        """Return what is advanced with the ledger."""
        ...

    def holding_days(self, wallet_id: int) -> tuple[HoldingDay, ...]:
        """Return what was held by day."""
        ...

    def value_rollups(self, wallet_id: int) -> ValueRollups:
        """Return what is summed of trades, and the trades."""
        ...


class RollupCheckStore(Protocol):
    """Hands out wallets to check, and snapshots to check them in. Raises `StoreUnavailable`."""

    def sample(self, *, turn: int, limit: int) -> tuple[Address, ...]:
        """Return `limit` tracked wallets, others each turn until all had theirs."""
        ...

    def snapshot(self) -> AbstractContextManager[RollupSnapshot]:
        """Begin to read; nothing is written and nobody waits."""
        ...
