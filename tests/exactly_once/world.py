"""The store path as it is deployed, on fakes, in a world where any write may be the last.

Every delivery is at-least-once, as queues are: what crashed is delivered again. A *fuse* of n
burns once before each write, before each commit and after it; burnt down, the process is gone.
"""

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import count
from threading import Lock
from typing import Any, NamedTuple

from oof.app.advance_positions import FoldSizes
from oof.app.advance_wallet import AdvanceDeps, advance_wallet
from oof.app.apply_wallet import ApplyDeps
from oof.app.link_signatures import LinkDeps, link_signatures
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.settle_finality import (
    AskDeps,
    SettleDeps,
    ask_finality,
    plan_finality,
    settle_finality,
)
from oof.app.store_transactions import StoreDeps, store_transactions
from oof.app.sweep_pending import SweepDeps, sweep_pending
from oof.domain.finality import Told
from oof.domain.packs import NO_DICTIONARY
from oof.domain.snapshot.model import WalletState, WalletSummary
from oof.domain.units import Address, Signature, Slot
from oof.ports.facts import FactStore
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.locks import MemoryFencedLock
from oof.ports.memory.queues import MemoryFetchRequester
from oof.ports.memory.snapshots import MemorySummaryStore
from oof.ports.upstream import Statuses, Usage
from tests.exactly_once.histories import History

SIZES = FoldSizes(page=3, pages=2, checkpoint_every=3, checkpoints=2, refold_at_once=4)
"""So small that a short history has checkpoints, goes on in another turn, and has to wait."""
SHORT = 200
"""Transactions of a history that is short."""
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
        self._passed = timedelta()

    def now(self) -> datetime:
        """Return the next second."""
        return START + timedelta(seconds=next(self._ticks)) + self._passed

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self._passed += timedelta(seconds=seconds)


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
    fork: bool = False
    """As told from a block that was dropped."""


class Answers(StrEnum):
    """How the provider answers what is asked about signatures."""

    TRUE = "true"
    NOT_YET = "not_yet"
    """It knows none of them but the witness: they may land yet."""
    FORGETFUL = "forgetful"
    """It knows nothing at all: no answer of a sound node."""


class Asked:
    """The provider's side of finality and order; `lost` signatures never landed."""

    def __init__(self, history: History, lost: Collection[Signature]) -> None:
        self._landed = history.without(lost)
        self.answers = Answers.TRUE
        self.usage = Usage(0, 0, 0)

    def signature_statuses(
        self, signatures: Sequence[Signature], *, with_history: bool
    ) -> Statuses:
        """See `ChainSource`; the last one asked about in its history is the witness."""
        told = [self._told(s) if with_history else None for s in signatures]
        if self.answers is Answers.FORGETFUL:
            told = [None] * len(told)
        elif self.answers is Answers.NOT_YET:
            told[:-1] = [None] * (len(told) - 1)
        return Statuses(Slot(2**31), tuple(told))

    def block_signatures(self, slots: Sequence[Slot]) -> dict[Slot, tuple[Signature, ...]]:
        """See `ChainSource`."""
        found: dict[Slot, list[tuple[int, Signature]]] = {slot: [] for slot in slots}
        for signature, bodies in self._landed.bodies.items():
            slot, index = Slot(bodies.rich["slot"]), bodies.rich.get("indexWithinBlock")
            if slot in found and index is not None:
                found[slot].append((index, signature))
        blocks: dict[Slot, tuple[Signature, ...]] = {}
        for slot, placed in found.items():
            size = max((index for index, _ in placed), default=-1) + 1
            block = [Signature(f"other-{place}") for place in range(size)]
            for index, signature in placed:
                block[index] = signature
            if block:
                blocks[slot] = tuple(block)
        return blocks

    def _told(self, signature: Signature) -> Told | None:
        bodies = self._landed.bodies.get(signature)
        return None if bodies is None else Told(Slot(bodies.rich["slot"]), is_finalized=True)


class World:
    """One fact store with all that surrounds it; `facts` may be shared between worlds."""

    def __init__(
        self,
        history: History,
        facts: FactStore,
        shared: "World | None" = None,
        lost: Collection[Signature] = (),
    ) -> None:
        self.history = history
        self.lost = frozenset(lost)
        self.provider = Asked(history, lost)
        self.fetches: MemoryFetchRequester = shared.fetches if shared else MemoryFetchRequester()
        self.objects: MemoryBlobs = shared.objects if shared else MemoryBlobs()
        self.ticks: list[str] = shared.ticks if shared else []
        """Settlements whose answers were written down."""
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
        blobs: Any = Fused(self.objects, self.fuse)
        summaries: Any = Fused(self.summaries, self.fuse)
        self.facts: Any = fused
        self.storing = StoreDeps(
            facts=fused,
            blobs=blobs,
            waker=waker,
            fetches=self.fetches,
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
            sizes=SIZES if len(self.history.bodies) <= SHORT else FoldSizes(),
        )
        self.sweeping = SweepDeps(
            facts=fused,
            summaries=summaries,
            waker=waker,
            clock=self.clock,
            new_id=self.new_id,
            pending_age_s=0,
        )
        # A lock of its own: what must hold while two settle at once is what is tried here.
        self.settling = SettleDeps(
            facts=fused,
            lock=MemoryFencedLock(),
            blobs=blobs,
            waker=waker,
            fetches=self.fetches,
            project=lambda wallet: project_wallet(wallet, deps=self.advancing.projecting),
            clock=self.clock,
            new_id=self.new_id,
        )

    def new_id(self) -> str:
        """Return the next id."""
        return f"batch-{next(self._ids)}"

    def store(self, delivery: Delivery) -> None:
        """Store one batch."""
        if delivery.fork:
            text = self.history.fork_text(delivery.signatures)
        else:
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

    def settle_round(self, answers: Answers = Answers.TRUE) -> int:
        """Ask about what is soft or unordered, settle the answers; return how much was asked."""
        self.clock.pass_(2 * 3_600)
        tick = self.new_id()
        planned = plan_finality(self.settling, tick=tick, round_=0)
        if any(planned):
            self.provider.answers = answers
            provider: Any = self.provider
            asking = AskDeps(chain=provider, blobs=self.objects)
            ask_finality(asking, tick=tick, round_=0)
            self.ticks.append(tick)
            self.settle_again(tick)
        return sum(planned)

    def settle_again(self, tick: str) -> None:
        """Settle answers that were written down, maybe long ago and not for the first time."""
        settle_finality(self.settling, tick=tick, round_=0)

    def drain(self) -> None:
        """Deliver everything that waits, wake-ups last, until nothing does."""
        while self.queue or self.wakes.waiting or self.fetches.sent:
            while self.fetches.sent:
                request = self.fetches.sent.pop()
                self.queue.append(Delivery("fetch", request.signatures, rich=False))
            while self.queue:
                self.store(self.queue.popleft())
            while self.wakes.waiting:
                self.advance(self.wakes.waiting.popleft())

    def settle(self) -> None:
        """Let the world come to rest: all tracked, listed, told richly, final and swept.

        What was answered before is settled once more at the end: it must not matter any more.
        """
        self.fuse.left = None
        self.drain()
        self.history = self.history.without(self.lost)
        self.track(*self.history.wallets)
        for _ in range(2):
            self._tell_all()
            self._finalize()
        for wallet in self.history.wallets:
            while self.take_listing(wallet):
                self.drain()
        self._finalize()
        for tick in tuple(self.ticks):
            self.settle_again(tick)
        self.drain()
        self.sweep()
        self.drain()
        self.fold_rest()
        self.sweep()

    def fold_rest(self) -> None:
        """Let as much time pass as positions may wait, and have them folded."""
        self.clock.pass_(3_600)
        self.sweep()
        self.drain()

    def _finalize(self) -> None:
        while self.settle_round():
            self.drain()
        self.drain()

    def _tell_all(self) -> None:
        """Deliver every body richly."""
        for start in range(0, len(self.history.signatures), 7):
            part = self.history.signatures[start : start + 7]
            self.queue.append(Delivery("webhook", part, rich=True))
        self.drain()

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
    while world.settle_round():
        world.drain()
    world.fold_rest()
