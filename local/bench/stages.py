"""One wallet among stored facts, and what its worker does of it, stage by stage."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import batched
from typing import Final, NamedTuple

from local.bench.samples import timed
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.adapters.system import SystemClock, random_id
from oof.app.advance_positions import SIZES, FoldSizes, advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet, rebuild_wallet
from oof.app.detect_moments import DetectDeps, detect_moments
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.value_positions import value_positions
from oof.domain.prices.candles import DAY_S, Candle
from oof.domain.snapshot.model import WalletState
from oof.domain.transactions.model import NormalizedTransaction
from oof.domain.units import Address, Mint, UnixSeconds
from oof.ports.facts import PackedTransaction, PackRecord
from oof.ports.memory.snapshots import MemorySummaryStore
from oof.ports.prices import Settled

BATCH: Final = 500
"""Transactions stored at once."""


class Stage(NamedTuple):
    """A part of the work on a wallet, done to its end."""

    name: str
    turn: Callable[[], bool]
    """One database transaction; whether more is left."""

    def run(self) -> float:
        """Do all turns; return the seconds of the longest."""
        longest, has_more = 0.0, True
        while has_more:
            seconds, has_more = timed(self.turn)
            longest = max(longest, seconds)
        return longest


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

    def price(self, candles: Mapping[Mint, Sequence[Candle]]) -> None:
        """Keep prices, and note that nobody has others of those days."""
        store, at = PostgresPriceStore(self._database), datetime.now(UTC)
        days = [
            Settled(mint, day, UnixSeconds((day + 1) * DAY_S), len(theirs))
            for mint, theirs in candles.items()
            for day in sorted({candle.start // DAY_S for candle in theirs})
        ]
        store.keep(candles)
        store.settle(days, [], at=at, again_at=at)

    def advancing(self, limit: int = BATCH, sizes: FoldSizes = SIZES) -> tuple[Stage, ...]:
        """Return what a wake-up does, in its order; for `limit` of what is pending."""
        return (
            Stage("ledger and counts", lambda: self._apply(limit)),
            Stage("positions", lambda: self._fold(sizes)),
            Stage("dollars", self._value),
            Stage("moments", self._detect),
            Stage("summary", self._project),
        )

    def reanalysing(self) -> tuple[Stage, ...]:
        """Return what it takes to build everything anew from the facts."""
        _, *rest = self.advancing()
        return (Stage("ledger and counts", self._rebuild), *rest)

    def apply(self) -> None:
        """Take all that is pending into the ledger, and no further."""
        Stage("", lambda: apply_wallet(self.wallet, deps=self._deps).has_more).run()

    def advance(self) -> None:
        """Do all that is to be done."""
        self.apply()
        for stage in self.advancing():
            stage.run()

    def close(self) -> None:
        """Close the connection; the next stage opens another."""
        self._database.close()

    def _apply(self, limit: int) -> bool:
        apply_wallet(self.wallet, deps=self._deps, limit=limit)
        return False

    def _rebuild(self) -> bool:
        rebuild_wallet(self.wallet, deps=self._deps)
        with self._facts.transaction() as transaction:
            transaction.ask_for_positions(self.wallet)
        return False

    def _fold(self, sizes: FoldSizes) -> bool:
        return advance_positions(self.wallet, deps=self._deps, sizes=sizes).has_more

    def _value(self) -> bool:
        return value_positions(self.wallet, deps=self._deps).has_more

    def _detect(self) -> bool:
        deps = DetectDeps(facts=self._facts, clock=self._deps.clock)
        return detect_moments(self.wallet, deps=deps).has_more

    def _project(self) -> bool:
        deps = ProjectDeps(
            facts=self._facts, summaries=MemorySummaryStore(), clock=self._deps.clock
        )
        project_wallet(self.wallet, deps=deps)
        return False
