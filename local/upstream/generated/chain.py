"""The generated chain: every wallet's stream of transactions, merged in time, up to the clock."""

import heapq
import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from local.upstream.clock import Clock
from local.upstream.generated import programs as p
from local.upstream.generated.actions import Intent, Made, Maker
from local.upstream.generated.draft import Draft, write
from local.upstream.generated.market import move_market, price_in_sol
from local.upstream.generated.people import DAY, DEFAULT_WALLETS, WalletSpec
from local.upstream.generated.transaction import Place
from local.upstream.generated.world import World, sol_usd
from local.upstream.index import SLOT_SECONDS, IndexedChain
from local.upstream.model import Body, Record
from local.upstream.prices import Candle, Quote

KNOWN_SLOT, KNOWN_TIME = 341_483_089, 1_747_828_054
"""A slot of mainnet and its time, from which all others are counted."""
DEFAULT_GENESIS = 1_761_955_200
"""2025-11-01T00:00:00Z."""
YEAR = 365 * DAY
BURST_RATE = 0.08
"""How often a wallet acts again within the same slot."""
TRIES = 4
"""How often a wallet tries what it chose, each time with another mint or amount."""
MARKET_RATE = 0.3
"""How often the market moves just before a wallet acts."""


class Append(NamedTuple):
    """A transaction asked for from outside, so that a restarted chain can repeat it."""

    time: float
    wallet: str
    kind: str | None


class Guest(NamedTuple):
    """A wallet that lived elsewhere, over accounts of its own, and is shown on this chain too."""

    role: str
    address: str
    drafts: Sequence[Draft]
    """In order of slots, none of them in the chain's future."""


class _Event(NamedTuple):
    time: float
    rank: int
    """Among equal times: scheduled ones by wallet, then appended ones."""
    spec: WalletSpec
    name: str
    kind: str | None
    appended: bool


class GeneratedChain(IndexedChain):
    """A ledger that wallets write forward from genesis, deterministic by seed and genesis.

    Up to one year after genesis the wallets live the histories they were asked for; live ones
    go on from there as the clock moves. Bodies are written on demand.
    """

    def __init__(
        self,
        seed: int = 1,
        wallets: Sequence[WalletSpec] = DEFAULT_WALLETS,
        clock: Clock | None = None,
        genesis: int = DEFAULT_GENESIS,
        appended: Sequence[Append] = (),
        guests: Sequence[Guest] = (),
    ) -> None:
        super().__init__(clock or Clock(genesis + YEAR))
        self.seed, self.genesis = seed, genesis
        self.world = World(seed, sol_usd(seed, genesis))
        self.executables = set(p.PROGRAMS)
        self.programs = self.world.programs
        self.intents: dict[str, Intent] = {}
        """Signature → what the transaction was made to do."""
        self.appended: list[Append] = []
        self.on_append: Callable[[GeneratedChain], None] = lambda _chain: None
        """Called after every append, to remember it."""
        self._specs = {spec.name: spec for spec in wallets}
        self._maker = Maker(self.world)
        named = {spec: self.world.wallet(spec.name) for spec in wallets if spec.receives}
        self._maker.peers = tuple(named[spec] for spec in named if not spec.in_crowd)
        self._maker.crowd = tuple(named[spec] for spec in named if spec.in_crowd)
        self._guests = {guest.role: guest.address for guest in guests}
        self._arriving = deque(heapq.merge(*(g.drafts for g in guests), key=attrgetter("slot")))
        self._slot = 0
        self._done_until = float(genesis)
        streams = [self._stream(at, spec) for at, spec in enumerate(wallets)]
        self._streams = heapq.merge(*streams, self._replayed(appended))
        self._next: _Event | None = next(self._streams, None)

    # --- time -----------------------------------------------------------------------------

    def tip_slot(self) -> int:
        """Return the slot of the present."""
        self.catch_up()
        return slot_at(self.now())

    def catch_up(self) -> None:
        """Live on until the clock's present."""
        now = self.now()
        while self._next is not None and self._next.time <= now:
            event = self._next
            self._next = next(self._streams, None)
            self._live(event)
        self._receive(slot_at(now))
        self._done_until = max(self._done_until, now)

    def _receive(self, slot: int) -> None:
        """Show what guests did up to a slot."""
        while self._arriving and self._arriving[0].slot <= slot:
            draft = self._arriving.popleft()
            self.add(_record(draft, self.next_index(draft.slot)))

    def _stream(self, at: int, spec: WalletSpec) -> Iterator[_Event]:
        if not spec.transactions:
            return
        gap = spec.days * DAY / spec.transactions
        start = self.genesis + YEAR - (spec.ended + spec.days) * DAY
        rng = random.Random(f"{self.seed}:{spec.name}:times")
        turn = 0
        while spec.live or turn < spec.transactions:
            time = start + (turn + rng.random()) * gap
            yield _Event(time, at, spec, f"{spec.name}:{turn}", None, False)
            turn += 1

    def _replayed(self, appended: Sequence[Append]) -> Iterator[_Event]:
        for at, append in enumerate(appended):
            self.appended.append(append)
            yield self._appended_event(at, append)

    def _appended_event(self, at: int, append: Append) -> _Event:
        spec = self._specs[append.wallet]
        rank = len(self._specs) + at
        return _Event(append.time, rank, spec, f"{spec.name}:append:{at}", append.kind, True)

    # --- living ---------------------------------------------------------------------------

    def _live(self, event: _Event) -> list[str]:
        """Make an event's transactions; return the wallet's own signatures."""
        rng = random.Random(f"{self.seed}:{event.name}")
        address = self.world.wallet(event.spec.name)
        slot = max(self._slot, slot_at(event.time))
        if not event.appended and rng.random() < MARKET_RATE:
            self._move_market(event, rng, slot - rng.randrange(3))
        signatures = []
        count = 2 if not event.appended and rng.random() < BURST_RATE else 1
        for turn in range(count):
            kind = event.kind or self._maker.choose(event.spec, address, rng)
            place = self._place(f"{event.name}:{turn}", slot)
            self._land(self._made(event, kind, place, rng))
            signatures.append(place.signatures[0])
        return signatures

    def _made(self, event: _Event, kind: str, place: Place, rng: random.Random) -> Made:
        """Try a few times; a wallet on its own then sells or is funded instead."""
        address = self.world.wallet(event.spec.name)
        otherwise = () if event.kind else ("sell", "fund")
        for attempt in (*(kind,) * TRIES, *otherwise):
            try:
                return self._maker.make(attempt, event.spec, address, place, rng)
            except ValueError:  # sold out, too small, too poor
                continue
        raise ValueError(f"{event.spec.name} cannot {kind} now")

    def _move_market(self, event: _Event, rng: random.Random, slot: int) -> None:
        listing = self._maker.world.listings[rng.randrange(len(self.world.listings))]
        place = self._place(f"{event.name}:market", max(slot, self._slot))
        price = sol_usd(self.seed, event.time)
        made = move_market(self.world, rng.choice(listing.pools), place, rng, price)
        if made is not None:
            self._land(made)

    def _place(self, name: str, slot: int) -> Place:
        sign = self.world.addresses.signature
        return Place((sign(name), sign(f"second:{name}")), slot, time_of(slot))

    def _land(self, made: Made) -> None:
        draft = made.draft
        self._receive(draft.slot)
        self._slot = draft.slot
        self.intents[draft.signatures[0]] = made.intent
        self.add(_record(draft, self.next_index(draft.slot)))

    def append(self, wallet: str, count: int = 1, kind: str | None = None) -> list[str]:
        """Make `count` transactions of a wallet (by name or address) now.

        Kinds: buy, sell, transfer, token_transfer, failed, fund; None: as the wallet likes.

        Raises:
            KeyError: an unknown wallet or kind.
            ValueError: the clock stands before the newest transaction, or the wallet cannot.
        """
        return self.append_each([wallet] * count, kind)

    def append_each(self, wallets: Sequence[str], kind: str | None = None) -> list[str]:
        """Make one transaction of each wallet now, in this order, and remember all at once.

        Raises as `append` does; what came before the fault has happened.
        """
        names = [self._name_of(wallet) for wallet in wallets]
        if kind not in KINDS:
            raise KeyError(kind)
        self.catch_up()
        now = self.now()
        if now < self._done_until:
            raise ValueError("the clock stands before what has already happened")
        signatures = []
        try:
            for name in names:
                append = Append(now, name, kind)
                event = self._appended_event(len(self.appended), append)
                signatures += self._live(event)
                self.appended.append(append)
        finally:
            self.on_append(self)
        return signatures

    def _name_of(self, wallet: str) -> str:
        if wallet in self._specs:
            return wallet
        return {self.world.wallet(name): name for name in self._specs}[wallet]

    # --- describing -----------------------------------------------------------------------

    def describe(self) -> list[dict[str, Any]]:
        """List the wallets and, for the guard's sake, accounts that are none."""
        self.catch_up()
        rows = [
            {"address": address, "role": name, "transactions": len(self.history(address))}
            for name, address in self.wallets().items()
        ]
        pool = self.world.sol_usdc
        others = {"pool": pool.address, "program": p.JUPITER, "token_account": pool.vaults[0]}
        rows += [
            {"address": address, "role": role, "transactions": len(self.history(address))}
            for role, address in others.items()
        ]
        return rows

    def wallets(self) -> dict[str, str]:
        """Return wallet name → address, guests last."""
        return {name: self.world.wallet(name) for name in self._specs} | self._guests

    def quote(self, mint: str) -> Quote | None:
        """Return Jupiter's answer for one mint at the present."""
        self.catch_up()
        price = price_in_sol(self.world, mint)
        if price is None:
            return None
        dollars = price * sol_usd(self.seed, self.now())
        decimals = self.world.decimals(mint)
        block = self.tip_slot()
        return {"usdPrice": dollars, "blockId": block, "decimals": decimals, "priceChange24h": None}

    def candles(self, symbol: str, step: int, start: int, end: int) -> list[Candle]:
        """Return bars of SOL in dollars; there are none of anything else."""
        if symbol != "Crypto.SOL/USD":
            return []
        first = -(-start // step) * step
        last = min(end, int(self.now()))
        return [self._candle(time, step) for time in range(first, last + 1, step)]

    def _candle(self, time: int, step: int) -> Candle:
        inside = [sol_usd(self.seed, time + step * at / 4) for at in range(5)]
        return time, inside[0], max(inside), min(inside), inside[-1]


KINDS = (None, "buy", "sell", "transfer", "token_transfer", "failed", "fund")


def slot_at(time: float) -> int:
    """Return the slot of a time."""
    return KNOWN_SLOT + int((time - KNOWN_TIME) / SLOT_SECONDS)


def time_of(slot: int) -> int:
    """Return a slot's block time."""
    return KNOWN_TIME + int((slot - KNOWN_SLOT) * SLOT_SECONDS)


def _record(draft: Draft, index: int) -> Record:
    return Record(
        signature=draft.signatures[0],
        slot=draft.slot,
        tx_index=index,
        block_time=draft.block_time,
        err=draft.error,
        memo=None,
        keys=draft.keys,
        signers=len(draft.signatures),
        post_lamports=draft.post,
        tokens=draft.tokens,
        load=partial(_load, draft),
    )


def _load(draft: Draft, _encoding: str) -> Body:
    return write(draft)
