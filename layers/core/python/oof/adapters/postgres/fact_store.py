"""The facts in Postgres."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.doubt_store import DoubtWrites
from oof.adapters.postgres.fact_writes import FactWrites, stored
from oof.adapters.postgres.finality_reads import FinalityQueries
from oof.adapters.postgres.finality_writes import FinalityWrites
from oof.adapters.postgres.ledger_writes import LedgerWrites
from oof.adapters.postgres.membership_writes import MembershipWrites
from oof.adapters.postgres.moment_writes import (
    MomentWrites,
    extremes,
    wallets_with_due_moments,
)
from oof.adapters.postgres.portrait_writes import PortraitWrites, wallets_with_due_portraits
from oof.adapters.postgres.position_writes import PositionWrites, stale_wallets
from oof.adapters.postgres.rewrite_writes import RewriteQueries, RewriteWrites
from oof.adapters.postgres.rollup_writes import RollupWrites, wallets_behind
from oof.adapters.postgres.story_reads import StoryReads
from oof.adapters.postgres.valuation_writes import ValuationWrites, unvalued_wallets
from oof.adapters.postgres.vector_writes import VectorWrites
from oof.adapters.postgres.wallet_reads import WalletReads
from oof.adapters.postgres.worth_reads import worth_of
from oof.domain.moments.stored import Extremes
from oof.domain.positions.headline import WalletWorth
from oof.domain.units import Address, Signature, UnixSeconds
from oof.ports.facts import WalletView
from oof.ports.finality import SoftTransaction, UnorderedSlot
from oof.ports.rewriting import Renormalization, StoredBody


class PostgresFactTransaction(
    FactWrites,
    MembershipWrites,
    FinalityWrites,
    DoubtWrites,
    LedgerWrites,
    RewriteWrites,
    PositionWrites,
    StoryReads,
    ValuationWrites,
    VectorWrites,
    RollupWrites,
    MomentWrites,
    PortraitWrites,
):
    """Everything that is committed together, on one cursor."""

    def __init__(self, cursor: Cursor) -> None:
        super().__init__(cursor)


class PostgresFactStore:
    """`FactStore` on one connection; every read is a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def transaction(self) -> Iterator[PostgresFactTransaction]:
        """See `FactStore.transaction`."""
        with self._database.transaction() as cursor:
            yield PostgresFactTransaction(cursor)

    def stored(self, signatures: Iterable[Signature]) -> frozenset[Signature]:
        """See `FactStore.stored`."""
        with self._database.transaction() as cursor:
            return stored(cursor, signatures)

    def view(self, wallet: Address) -> WalletView | None:
        """See `FactStore.view`."""
        with self._database.transaction() as cursor:
            return WalletReads(cursor).view(wallet)

    def mark_projected(self, wallet: Address, revision: int) -> None:
        """See `FactStore.mark_projected`."""
        with self._database.transaction() as cursor:
            WalletReads(cursor).mark_projected(wallet, revision)

    def forgotten(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `FactStore.forgotten`."""
        with self._database.transaction() as cursor:
            return WalletReads(cursor).forgotten(before=before, limit=limit)

    def lagging(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `FactStore.lagging`."""
        with self._database.transaction() as cursor:
            return WalletReads(cursor).lagging(before=before, limit=limit)

    def tracked(self, *, after: Address | None, limit: int) -> tuple[Address, ...]:
        """See `FactStore.tracked`."""
        with self._database.transaction() as cursor:
            return WalletReads(cursor).tracked(after=after, limit=limit)

    def soft_due(self, *, at: datetime, after: int, limit: int) -> tuple[SoftTransaction, ...]:
        """See `FinalityReads.soft_due`."""
        with self._database.transaction() as cursor:
            return FinalityQueries(cursor).soft_due(at=at, after=after, limit=limit)

    def witness(self) -> Signature | None:
        """See `FinalityReads.witness`."""
        with self._database.transaction() as cursor:
            return FinalityQueries(cursor).witness()

    def unordered_due(self, *, at: datetime, limit: int) -> tuple[UnorderedSlot, ...]:
        """See `FinalityReads.unordered_due`."""
        with self._database.transaction() as cursor:
            return FinalityQueries(cursor).unordered_due(at=at, limit=limit)

    def stale_bodies(self, version: int, *, after: int, limit: int) -> tuple[StoredBody, ...]:
        """See `RewritingReads.stale_bodies`."""
        with self._database.transaction() as cursor:
            return RewriteQueries(cursor).stale_bodies(version, after=after, limit=limit)

    def renormalization(self, version: int) -> Renormalization:
        """See `RewritingReads.renormalization`."""
        with self._database.transaction() as cursor:
            return RewriteQueries(cursor).renormalization(version)

    def stale_wallets(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `PositionReads.stale_wallets`."""
        with self._database.transaction() as cursor:
            return stale_wallets(cursor, before=before, limit=limit)

    def unvalued_wallets(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """See `ValuationReads.unvalued_wallets`."""
        with self._database.transaction() as cursor:
            return unvalued_wallets(cursor, before=before, limit=limit)

    def wallets_behind(self, *, today: int, limit: int) -> tuple[Address, ...]:
        """See `RollupReads.wallets_behind`."""
        with self._database.transaction() as cursor:
            return wallets_behind(cursor, today=today, limit=limit)

    def worth(self, wallet: Address, *, at: UnixSeconds) -> WalletWorth:
        """See `ValuationReads.worth`."""
        with self._database.transaction() as cursor:
            return worth_of(cursor, wallet, at=at)

    def wallets_with_due_moments(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """See `MomentReads.wallets_with_due_moments`."""
        with self._database.transaction() as cursor:
            return wallets_with_due_moments(cursor, at=at, limit=limit)

    def wallets_with_due_portraits(self, *, at: datetime, limit: int) -> tuple[Address, ...]:
        """See `PortraitReads.wallets_with_due_portraits`."""
        with self._database.transaction() as cursor:
            return wallets_with_due_portraits(cursor, at=at, limit=limit)

    def extremes(self, wallet: Address) -> Extremes:
        """See `MomentReads.extremes`."""
        with self._database.transaction() as cursor:
            return extremes(cursor, wallet)
