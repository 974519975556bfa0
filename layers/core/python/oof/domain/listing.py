"""Many listings merged into one, newest first.

A wallet's history is spread over the wallet and its token accounts, each listed apart. They are
merged lazily: a listing is asked for its next page only when that page may hold the newest entry
not yet taken. A slot is never split, so after any page the whole history is known down to one
slot, the *floor*, for every address at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from oof.domain.units import Address, Signature, Slot, UnixSeconds

TOP: Final = Slot(2**62)
"""Above every slot: what an unasked listing may hold."""
BOTTOM: Final = Slot(0)
DAY_S: Final = 86_400


class Listed(NamedTuple):
    """One row of a listing."""

    signature: Signature
    slot: Slot
    block_time: UnixSeconds | None
    tx_index: int | None
    is_final: bool = False
    """The listing itself said so."""


class Pulled(NamedTuple):
    """One page of one listing, newest first."""

    entries: Sequence[Listed]
    token: str | None
    """Where the provider says the next page begins, if it says so."""
    is_last: bool


@dataclass(slots=True, kw_only=True)
class Source:
    """One listing under way; `take` moves it on."""

    address: Address
    is_wallet: bool
    is_new: bool = False
    """No earlier run listed this address."""
    below_slot: Slot = TOP
    """Rows at or above are covered already and are passed over."""
    until_slot: Slot = BOTTOM
    """Rows below belong to another listing: the source is done there."""
    before: Signature | None = None
    """The oldest signature asked for so far: the next page begins below it."""
    token: str | None = None
    bound: Slot = TOP
    """No row still to be pulled is above this slot."""
    is_ended: bool = False
    """The provider has nothing older."""
    is_done: bool = False
    """Nothing more is wanted of it: ended, or below `until_slot`."""
    last_taken: Signature | None = None
    """The oldest row handed out: where a later run goes on."""
    buffer: list[Listed] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Bound the first page by what is wanted of it."""
        self.bound = min(self.bound, Slot(self.below_slot - 1))
        if self.bound < self.until_slot:
            self.is_done = True

    def feed(self, pulled: Pulled) -> None:
        """Take a page in: rows outside the wanted slots are dropped, repeats too."""
        wanted = {
            entry.signature: entry
            for entry in pulled.entries
            if self.until_slot <= entry.slot < self.below_slot
        }
        self.buffer = sorted(wanted.values(), key=_by_slot, reverse=True)
        self.token = pulled.token
        self.is_ended = pulled.is_last
        if pulled.entries:
            oldest = min(pulled.entries, key=_by_slot)
            self.before = pulled.entries[-1].signature
            self.bound = min(self.bound, oldest.slot)
        reached = bool(pulled.entries) and self.bound < self.until_slot
        self.is_done = self.is_ended or reached

    def restart_below(self, slot: Slot) -> None:
        """Begin anew below `slot`, because it is now listed in another way.

        One that ended and was taken whole stays; one that is new begins at its top.
        """
        if self.is_ended and not self.buffer:
            return
        self.below_slot = TOP if self.is_new else slot
        self.bound = Slot(self.below_slot - 1)
        self.before = self.token = None
        self.buffer = []
        self.is_ended = False
        self.is_done = self.bound < self.until_slot


class Taken(NamedTuple):
    """What one merged page holds."""

    entries: tuple[Listed, ...]
    """Newest first, each signature once."""
    is_exhausted: bool
    """Nothing is left in any listing."""
    is_at_floor_time: bool
    """The next entry is older than what was asked for."""


type Pull = Callable[[Source], Pulled]


def take(
    sources: Sequence[Source], pull: Pull, *, limit: int, floor_time: UnixSeconds | None
) -> Taken:
    """Take at least `limit` entries in whole slots, none older than `floor_time`.

    Entries without a time count as old as the last one before them.
    """
    entries: dict[Signature, Listed] = {}
    last_slot: Slot | None = None
    while (head := newest(sources, pull)) is not None:
        if len(entries) >= limit and head.slot != last_slot:
            return Taken(tuple(entries.values()), is_exhausted=False, is_at_floor_time=False)
        if _is_older(head, floor_time) and head.slot != last_slot:
            return Taken(tuple(entries.values()), is_exhausted=False, is_at_floor_time=True)
        entries.setdefault(head.signature, head)
        last_slot = head.slot
        _drop(sources, head)
    return Taken(tuple(entries.values()), is_exhausted=True, is_at_floor_time=False)


def newest(sources: Sequence[Source], pull: Pull) -> Listed | None:
    """Return the newest entry not yet taken, pulling only what may hold it; None at the end."""
    while True:
        source = max((s for s in sources if s.buffer or not s.is_done), key=_reach, default=None)
        if source is None:
            return None
        if source.buffer:
            return source.buffer[0]
        source.feed(pull(source))


def most_in_a_day(entries: Iterable[Listed]) -> int:
    """Return the most entries that any 24 hours hold."""
    times = sorted(e.block_time for e in entries if e.block_time is not None)
    most = start = 0
    for end, time in enumerate(times):
        while time - times[start] >= DAY_S:
            start += 1
        most = max(most, end - start + 1)
    return most


def _reach(source: Source) -> tuple[int, bool]:
    """The newest slot a source may give next; an unasked one first among equals."""
    if source.buffer:
        return (source.buffer[0].slot, False)
    return (source.bound, True)


def _drop(sources: Sequence[Source], head: Listed) -> None:
    for source in sources:
        if source.buffer and source.buffer[0].slot == head.slot:
            kept = [e for e in source.buffer if e.signature != head.signature]
            if len(kept) < len(source.buffer):
                source.buffer = kept
                source.last_taken = head.signature


def _is_older(entry: Listed, floor_time: UnixSeconds | None) -> bool:
    if floor_time is None or entry.block_time is None:
        return False
    return entry.block_time < floor_time


def _by_slot(entry: Listed) -> Slot:
    return entry.slot
