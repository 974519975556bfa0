"""The store path as it is deployed, on fakes, in a world where any write may be the last.

Every delivery is at-least-once, as queues are: what crashed is delivered again. A *fuse* of n
burns once before each write, before each commit and after it; burnt down, the process is gone.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Lock
from typing import Any, NamedTuple

from oof.app.advance_wallet import AdvanceDeps, advance_wallet
from oof.app.apply_wallet import ApplyDeps
from oof.app.link_signatures import LinkDeps, link_signatures
from oof.app.project_wallet import ProjectDeps
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.app.sweep_pending import SweepDeps, sweep_pending
from oof.domain.packs import NO_DICTIONARY
from oof.domain.snapshot.model import WalletState, WalletSummary
from oof.domain.units import Address, Signature
from oof.ports.facts import FactStore
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.queues import MemoryFetchRequester
from oof.ports.memory.snapshots import MemorySummaryStore
from tests.exactly_once.histories import History

START = datetime(2026, 1, 1, tzinfo=UTC)


class Crash(BaseException):
    """The process is gone: no handler of faults may hold it up."""


class Fuse:
    """Burns once a write; `None` never burns down."""

    def __init__(self) -> None:
        self.left: int | None = None

    def burn(self) -> None:
        """Crash where the fuse has burnt down."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


class Fused:
    """Any port, with the fuse burning before each of its calls."""

    def __init__(self, inner: Any, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        def burning(*args: Any, **kwargs: Any) -> Any:
            self._fuse.burn()
            return method(*args, **kwargs)

        return burning


class FusedStore(Fused):
    """A fact store whose transactions may end before, at, or right after their commit."""

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Begin; every write, the commit and the return from it may be the last thing done."""
        self._fuse.burn()
        with self._inner.transaction() as transaction:
            yield Fused(transaction, self._fuse)
            self._fuse.burn()
        self._fuse.burn()


class TickingClock:
    """Each look is a second later."""

    def __init__(self) -> None:
        self._ticks = count()

    def now(self) -> datetime:
        """Return the next second."""
        return START + timedelta(seconds=next(self._ticks))


class WakeQueue:
    """ingest-apply: wallets that were woken and not yet acknowledged."""

    def __init__(self) -> None:
        self.waiting: deque[Address] = deque()

    def wake(self, wallets: Sequence[Address], *, batch: str) -> None:
        """Add one wake-up a wallet."""
        self.waiting.extend(wallets)


class TurnedSummaries(MemorySummaryStore):
    """A summary store whose conditional put is one step for threads, as DynamoDB's is."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = Lock()

    def put_if_newer(self, summary: WalletSummary) -> bool:
        """Compare and put, undisturbed."""
        with self._turn:
            return super().put_if_newer(summary)


class Delivery(NamedTuple):
    """One message of ingest-store."""

    source: str
    signatures: tuple[Signature, ...]
    rich: bool


class World:
    """One fact store with all that surrounds it; `facts` may be shared between worlds."""

    def __init__(self, history: History, facts: FactStore, shared: "World | None" = None) -> None:
        self.history = history
        self.fuse = Fuse()
        self.queue: deque[Delivery] = shared.queue if shared else deque()
        self.wakes: WakeQueue = shared.wakes if shared else WakeQueue()
        self.summaries: TurnedSummaries = shared.summaries if shared else TurnedSummaries()
        self.clock: TickingClock = shared.clock if shared else TickingClock()
        self._ids: Iterator[int] = shared._ids if shared else count()
        self._build(facts)

    def _build(self, facts: FactStore) -> None:
        self.inner: Any = facts
        fused: Any = FusedStore(facts, self.fuse)
        waker: Any = Fused(self.wakes, self.fuse)
        blobs: Any = Fused(MemoryBlobs(), self.fuse)
        summaries: Any = Fused(self.summaries, self.fuse)
        self.facts: Any = fused
        self.storing = StoreDeps(
            facts=fused,
            blobs=blobs,
            waker=waker,
            fetches=MemoryFetchRequester(),
            clock=self.clock,
            new_id=self.new_id,
            dictionary=NO_DICTIONARY,
        )
        self.linking = LinkDeps(facts=fused, waker=waker, clock=self.clock, new_id=self.new_id)
        self.advancing = AdvanceDeps(
            applying=ApplyDeps(facts=fused, clock=self.clock),
            projecting=ProjectDeps(facts=fused, summaries=summaries, clock=self.clock),
            waker=waker,
            new_id=self.new_id,
        )
        self.sweeping = SweepDeps(
            facts=fused,
            summaries=summaries,
            waker=waker,
            clock=self.clock,
            new_id=self.new_id,
            pending_age_s=0,
        )

    def new_id(self) -> str:
        """Return the next id."""
        return f"batch-{next(self._ids)}"

    def store(self, delivery: Delivery) -> None:
        """Store one batch."""
        text = self.history.text(delivery.signatures, rich=delivery.rich)
        store_transactions(text, source=delivery.source, deps=self.storing)

    def track(self, *wallets: Address) -> None:
        """Track wallets in the order given, in one transaction."""
        with self.facts.transaction() as transaction:
            for wallet in wallets:
                transaction.track(wallet, WalletState.SEEN_PARTIAL, at=self.clock.now())

    def take_listing(self, wallet: Address) -> int:
        """Link what the wallet's listing names; hand what is missing to the store queue."""
        listed = self.history.listings[wallet]
        outcome = link_signatures(wallet, listed, deps=self.linking)
        for start in range(0, len(outcome.missing), 5):
            part = outcome.missing[start : start + 5]
            self.queue.append(Delivery("backfill", part, rich=False))
        return len(outcome.missing)

    def advance(self, wallet: Address) -> None:
        """Do what a wake-up asks for."""
        advance_wallet(wallet, receives=1, deps=self.advancing)

    def sweep(self) -> None:
        """Find what was forgotten."""
        sweep_pending(deps=self.sweeping)

    def drain(self) -> None:
        """Deliver everything that waits, wake-ups last, until nothing does."""
        while self.queue or self.wakes.waiting:
            while self.queue:
                self.store(self.queue.popleft())
            while self.wakes.waiting:
                self.advance(self.wakes.waiting.popleft())

    def settle(self) -> None:
        """Let the world come to rest: all tracked, all listed, all told richly, all swept."""
        self.fuse.left = None
        self.track(*self.history.wallets)
        for start in range(0, len(self.history.signatures), 7):
            part = self.history.signatures[start : start + 7]
            self.queue.append(Delivery("webhook", part, rich=True))
        self.drain()
        for wallet in self.history.wallets:
            while self.take_listing(wallet):
                self.drain()
        self.drain()
        self.sweep()
        self.drain()
        self.sweep()

    def latest(self) -> list[WalletSummary]:
        """Return every wallet's projected summary."""
        found = [self.summaries.get(wallet) for wallet in self.history.wallets]
        return [summary for summary in found if summary is not None]


def clean_pass(world: World) -> None:
    """The reference: tracked first, then each transaction once, in order, then each wallet."""
    world.track(*world.history.wallets)
    for signature in world.history.signatures:
        world.store(Delivery("webhook", (signature,), rich=True))
    for wallet in world.history.wallets:
        world.take_listing(wallet)
    world.drain()
