"""One wallet among stored facts, and what its worker does of it, stage by stage."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import batched
from typing import Final, NamedTuple

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.system import SystemClock, random_id
from oof.app.advance_positions import SIZES, FoldSizes, advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet, rebuild_wallet
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import Address
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.snapshots import MemorySummaryStore

BATCH: Final = 500
"""Transactions stored at once."""


class Stage(NamedTuple):
    """A part of the work on a wallet, done to its end."""

    name: str
    run: Callable[[], object]


class StoredWallet:
    """A wallet as its worker sees it."""

    def __init__(self, dsn: str, wallet: Address) -> None:
        self.wallet = wallet
        self._database = Database(lambda: dsn)
        self._facts = PostgresFactStore(self._database)
        self._deps = ApplyDeps(facts=self._facts, clock=SystemClock())

    def track(self) -> None:
        """Let what is stored from now on be queued for it."""
        with self._facts.transaction() as transaction:
            transaction.track(self.wallet, WalletState.SEEN_FULL, at=datetime.now(UTC))

    def store(self, transactions: Iterable[NormalizedTransaction]) -> None:
        """Store facts without bodies, and queue them."""
        for part in batched(transactions, BATCH, strict=False):
            # Final, as nearly all of a history is.
            final = max((t.slot for t in part if t.slot is not None), default=None)
            record = PackRecord(f"packs/{random_id()}", "none", len(part), 1, final)
            at = datetime.now(UTC)
            with self._facts.transaction() as transaction:
                transaction.insert(record, [PackedTransaction(t, 0, 1) for t in part], at=at)
                transaction.enqueue(part, at=at)

    def advancing(self, limit: int = BATCH, sizes: FoldSizes = SIZES) -> tuple[Stage, ...]:
        """Return what a wake-up does, in its order; for `limit` of what is pending."""
        return (
            Stage(
                "ledger and counts", lambda: apply_wallet(self.wallet, deps=self._deps, limit=limit)
            ),
            Stage("positions", lambda: self._advance_positions(sizes)),
            Stage("summary", self._project),
        )

    def reanalysing(self) -> tuple[Stage, ...]:
        """Return what it takes to build everything anew from the facts."""
        _, *rest = self.advancing()
        return (Stage("ledger and counts", self._rebuild), *rest)

    def advance(self) -> None:
        """Do all that is to be done."""
        while apply_wallet(self.wallet, deps=self._deps).has_more:
            pass
        for stage in self.advancing():
            stage.run()

    def close(self) -> None:
        """Close the connection; the next stage opens another."""
        self._database.close()

    def _rebuild(self) -> None:
        rebuild_wallet(self.wallet, deps=self._deps)
        with self._facts.transaction() as transaction:
            transaction.ask_for_positions(self.wallet)

    def _advance_positions(self, sizes: FoldSizes) -> None:
        while advance_positions(self.wallet, deps=self._deps, sizes=sizes).has_more:
            pass

    def _project(self) -> None:
        deps = ProjectDeps(
            facts=self._facts, summaries=MemorySummaryStore(), clock=self._deps.clock
        )
        project_wallet(self.wallet, deps=deps)
