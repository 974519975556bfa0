"""What a run over one wallet's history does next.

A wallet's coverage is one unbroken span of slots: everything from its *floor* up to its *top* is
stored, for the wallet and every known token account. A run extends the span upwards first (the
*tail*: what happened since the top), then downwards (*history*), chunk by chunk. The top moves
only when the whole tail is stored, the floor after every page, so a run may die anywhere and the
next one fetches nothing that is already there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from oof.domain.limits import Share
from oof.domain.listing import DAY_S, TOP, Listed, Source
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Signature, Slot, UnixSeconds

TAIL_OVERLAP_SLOTS: Final = 150
"""How far below the top a tail listing looks again: a minute of late rows."""
SPARSE_CHUNK: Final = 500
"""A chunk of history that holds fewer entries lets the next one be twice as long: what comes after
each chunk costs the same, and years in which little happened are soon passed."""
OWNERLESS_BELOW: Final = Slot(111_491_819)
"""Older transactions do not tell whose a token account is, so a provider's history of an owner
misses its token accounts there: below, each account is listed by itself."""


class Mode(StrEnum):
    """Why a run was started."""

    OPEN = "open"
    """Somebody looks at a wallet for the first time: its newest days, nothing more."""
    DEEP = "deep"
    """Older history was asked for."""
    OVERNIGHT = "overnight"
    """A favourite's history, that nobody waits for."""
    TAIL = "tail"
    """Something moved since the last look."""

    @property
    def is_deep(self) -> bool:
        """Whether it goes back, chunk by chunk, as far as was asked for."""
        return self in {Mode.DEEP, Mode.OVERNIGHT}


class Phase(StrEnum):
    """Which end of the span a page extends."""

    TAIL = "tail"
    HISTORY = "history"


class Limits(NamedTuple):
    """How far runs go."""

    first_page: int
    page: int
    open_days: int
    open_signatures: int
    chunk_days: int
    chunk_signatures: int
    ceiling_days: int
    too_active_per_day: int
    tail_fresh_s: int
    pages_ahead: int = 8
    """How many pages are listed at once, and then brought in side by side."""
    execution_steps: int = 1_500
    """After how many steps a run goes on in an execution of its own: their history is bounded."""


class ListedAddress(NamedTuple):
    """How far down one address was listed and stored."""

    address: Address
    floor_slot: Slot
    """Everything of this address from here up to the top is stored."""
    floor_time: UnixSeconds | None
    """When that slot was, as far as any entry told."""
    before: Signature | None
    """Its oldest stored signature: where listing goes on; None where it had none so far."""
    is_ended: bool
    """Its listing reached its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletCoverage:
    """What is known of a wallet when a run begins."""

    state: WalletState
    top_slot: Slot | None
    """None while no page is stored yet."""
    oldest_time: UnixSeconds | None
    newest_time: UnixSeconds | None
    is_complete: bool
    tail_checked_at: UnixSeconds | None
    addresses: tuple[ListedAddress, ...]
    accounts: tuple[Address, ...]
    """Every token account the facts ever saw the wallet own."""
    unavailable: tuple[Signature, ...] = ()
    """Listed signatures whose bodies the provider did not have so far."""
    awaits_listing: bool = False
    """Whether a webhook names the wallet, and no listing began since: it is not live yet."""


class Reach(NamedTuple):
    """Down to where a wallet's transactions are stored without a gap.

    Below, single ones may be stored because another wallet's history brought them; what came
    after them is not known.
    """

    floor_slot: Slot | None = None
    """For all listed addresses; None while nothing is covered."""
    ended: frozenset[Address] = frozenset()
    """Addresses whose listings reached their end."""

    def covers(self, account: Address, slot: Slot) -> bool:
        """Whether all that came after `slot` on this account is stored, up to the wallet's top."""
        is_within = self.floor_slot is not None and slot >= self.floor_slot
        return is_within or account in self.ended


class Needs(NamedTuple):
    """What a request still lacks; neither means that it costs nothing."""

    tail: bool
    history: bool


@dataclass(slots=True, kw_only=True)
class Cursor:
    """Where a run stands between two pages; travels as an object, not in the workflow's state."""

    wallet: Address
    mode: Mode
    phase: Phase
    sources: list[Source]
    is_first: bool
    """Whether the wallet has no span yet: this run's newest entry becomes its top."""
    wants_history: bool
    """Whether the history goes on below once the tail is stored."""
    target_time: UnixSeconds | None
    """History older than this was not asked for; None where the first entry decides."""
    page: int = 0
    has_asked_accounts: bool = False
    top: Listed | None = None
    """The newest entry this run met: the span's new top."""
    chunk_floor_time: UnixSeconds | None = None
    chunk_taken: int = 0
    chunk_stretch: int = 1
    """How many times as long as usual the chunk is: those before it held little."""
    low_slot: Slot = TOP
    """The lowest slot reached so far: what an account met late still has above is no progress."""
    taken_to: Slot = TOP
    """Of every listing all is taken that lies at or above, and nothing below."""
    is_by_owner: bool | None = None
    """Whether the wallet's own listing shows its token accounts too; None before the first page."""
    stored: int = 0
    """Entries of all pages so far, for whoever watches."""
    stretch_top: UnixSeconds | None = None
    """When the newest entry of this phase happened; None before its first page."""
    stretch_after: int = 0
    """Entries of the phases before it."""
    retries: list[Signature] = field(default_factory=list)
    began_at: UnixSeconds | None = None
    """When the run began: all that happened before is on its listings."""


STOPPED_BY_DAYS: Final = "days"
STOPPED_BY_SIGNATURES: Final = "signatures"


class Page(NamedTuple):
    """One merged page of listings, as taken from a cursor."""

    entries: tuple[Listed, ...]
    is_phase_done: bool
    """Every listing of this phase reached where it was to go."""
    stopped_by: str | None
    """Which bound of the chunk this page met: `days`, `signatures`; None where none."""
    is_too_active: bool = False


def share_of(mode: Mode) -> Share:
    """Return whose part of the plan a run spends."""
    shares = {
        Mode.OPEN: Share.INTERACTIVE,
        Mode.DEEP: Share.DEEP,
        Mode.OVERNIGHT: Share.SPARE,
        Mode.TAIL: Share.TAIL,
    }
    return shares[mode]


def needs(
    known: WalletCoverage,
    mode: Mode,
    *,
    target_time: UnixSeconds | None,
    now: UnixSeconds,
    tail_fresh_s: int,
) -> Needs:
    """Return what lacks: the tail if it was not checked lately, history above `target_time`.

    A run for the tail is started because a look is not enough: it lists whatever was looked at.
    A wallet that is to become live has its tail listed however lately it was checked.

    The first span of a wallet is history; until one chunk of it is folded, opening goes on.
    """
    if known.top_slot is None and not known.is_complete:
        return Needs(tail=False, history=True)
    checked = known.tail_checked_at
    is_old = checked is None or now - checked > tail_fresh_s
    stale = mode is Mode.TAIL or is_old or known.awaits_listing
    return Needs(tail=stale, history=_lacks_history(known, mode, target_time))


def _lacks_history(known: WalletCoverage, mode: Mode, target_time: UnixSeconds | None) -> bool:
    if known.is_complete:
        return False
    if mode is Mode.TAIL:
        return False
    if mode is Mode.OPEN:
        return known.state is WalletState.WARMING_UP
    oldest = known.oldest_time
    return target_time is None or oldest is None or oldest > target_time


def tail_sources(known: WalletCoverage, wallet: Address) -> list[Source]:
    """Return what to list to learn all that happened since the top.

    An account met for the first time is listed down to where the others are, or to its end.
    """
    top = known.top_slot or Slot(0)
    until = Slot(max(top - TAIL_OVERLAP_SLOTS, 0))
    listed = {row.address for row in known.addresses}
    floor = _common_floor(known)
    return [
        Source(
            address=address,
            is_wallet=address == wallet,
            is_new=address not in listed,
            until_slot=until if address in listed else floor,
        )
        for address in _all_addresses(known, wallet)
    ]


def history_sources(known: WalletCoverage, wallet: Address) -> list[Source]:
    """Return what to list to go below the floor; ended listings are left out."""
    listed = {row.address: row for row in _true_rows(known, wallet)}
    sources = []
    for address in _all_addresses(known, wallet):
        row = listed.get(address)
        if row is None:
            sources.append(Source(address=address, is_wallet=address == wallet, is_new=True))
        elif not row.is_ended:
            sources.append(
                Source(
                    address=address,
                    is_wallet=address == wallet,
                    below_slot=row.floor_slot,
                    before=row.before,
                    last_taken=row.before,
                )
            )
    return sources


def new_sources(cursor: Cursor, known: WalletCoverage) -> list[Source]:
    """Return the listings of accounts that the facts met since the cursor was made."""
    listing = {source.address for source in cursor.sources}
    ended = {row.address for row in known.addresses}
    floor = _common_floor(known) if cursor.phase is Phase.TAIL else Slot(0)
    return [
        Source(address=account, is_wallet=False, is_new=True, until_slot=floor)
        for account in known.accounts
        if account not in listing and account not in ended
    ]


class PageCoverage(NamedTuple):
    """What a stored page adds to the wallet's coverage."""

    addresses: tuple[ListedAddress, ...]
    top: Listed | None
    """The span's new top; None while it stays."""
    tail_checked: bool
    """Whether the newest end was listed, and all of it is stored."""
    began_at: UnixSeconds | None = None
    """When that listing began, at the latest; None where it is not known."""


def covered_by(cursor: Cursor, page: Page) -> PageCoverage:
    """Return what is known once `page`, the one just taken from the cursor, is stored."""
    if cursor.phase is Phase.TAIL:
        if not page.is_phase_done:
            return PageCoverage((), None, tail_checked=False)
        return PageCoverage(_tail_rows(cursor), cursor.top, True, cursor.began_at)
    floor_slot = page.entries[-1].slot if page.entries else None
    times = [entry.block_time for entry in page.entries if entry.block_time is not None]
    oldest = min(times, default=None)
    if page.stopped_by == STOPPED_BY_DAYS:
        oldest = cursor.chunk_floor_time
    rows = tuple(
        row
        for row in (_history_row(source, floor_slot, oldest) for source in cursor.sources)
        if row.floor_slot < TOP
    )
    return PageCoverage(rows, cursor.top, cursor.is_first, cursor.began_at)


def covered_by_all(taken: Iterable[tuple[Cursor, Page]]) -> PageCoverage:
    """Return what is known once several pages, taken one after the other, are stored."""
    rows: tuple[ListedAddress, ...] = ()
    top: Listed | None = None
    is_checked, began_at = False, None
    for cursor, page in taken:
        added = covered_by(cursor, page)
        rows = merged_rows(rows, added.addresses)
        top = added.top or top
        is_checked = is_checked or added.tail_checked
        began_at = added.began_at or began_at
    return PageCoverage(rows, top, is_checked, began_at)


def known_total(cursor: Cursor, page: Page) -> int | None:
    """Return how many entries the run takes in all, where its listings already tell.

    They do where each ended, or reached below what was asked for.
    """
    floor = cursor.target_time if cursor.mode.is_deep else cursor.chunk_floor_time
    waiting: set[Signature] = set()
    for source in cursor.sources:
        last = source.buffer[-1] if source.buffer else None
        if not source.is_done and not (last is not None and _is_below(last, floor)):
            return None
        waiting |= {entry.signature for entry in source.buffer if not _is_below(entry, floor)}
    return cursor.stored + len(page.entries) + len(waiting)


def expected_total(cursor: Cursor, page: Page) -> int | None:
    """Return how many entries the run will probably take, while its listings cannot tell.

    As many in what is left of the time asked for as in what is taken of it. None where no time was
    asked for, or none has been covered yet.
    """
    floor = cursor.target_time if cursor.mode.is_deep else cursor.chunk_floor_time
    times = [entry.block_time for entry in page.entries if entry.block_time is not None]
    if floor is None or not times:
        return None
    top = times[0] if cursor.stretch_top is None else cursor.stretch_top
    covered = top - times[-1]
    if covered <= 0:
        return None
    taken = cursor.stored + len(page.entries) - cursor.stretch_after
    left = max(times[-1] - floor, 0)
    return cursor.stretch_after + taken + -(-taken * left // covered)


def _is_below(entry: Listed, floor: UnixSeconds | None) -> bool:
    return floor is not None and entry.block_time is not None and entry.block_time < floor


def cursor_after(cursor: Cursor, page: Page) -> Cursor:
    """Return the cursor from which the page after `page` is taken."""
    following = replace(
        cursor, page=cursor.page + 1, stored=cursor.stored + len(page.entries), is_first=False
    )
    if page.is_phase_done:
        following.stretch_top, following.stretch_after = None, following.stored
    elif following.stretch_top is None and page.entries:
        following.stretch_top = page.entries[0].block_time
    if page.stopped_by is not None:
        is_sparse = page.stopped_by == STOPPED_BY_DAYS and cursor.chunk_taken < SPARSE_CHUNK
        following.chunk_stretch = 2 * cursor.chunk_stretch if is_sparse else 1
        following.chunk_floor_time, following.chunk_taken = None, 0
    return following


def merged_rows(
    known: Iterable[ListedAddress], added: Iterable[ListedAddress]
) -> tuple[ListedAddress, ...]:
    """Return the rows with a page's rows laid in: a floor only sinks, an end stays an end."""
    rows = {row.address: row for row in known}
    for row in added:
        old = rows.get(row.address)
        rows[row.address] = row if old is None else _lower(old, row)
    return tuple(rows[address] for address in sorted(rows))


class Span(NamedTuple):
    """A wallet's coverage over all its addresses."""

    addresses: int
    oldest_time: UnixSeconds | None
    is_complete: bool
    floor_slot: Slot | None
    """Everything of every listed address is stored from here up; None while nothing is."""


def span_of(
    rows: Iterable[ListedAddress], accounts: Iterable[Address], *, unavailable: int
) -> Span:
    """Return what the rows say of the whole wallet, its known token accounts included.

    All is stored since the highest floor of an unfinished listing; where all are finished, since
    the oldest entry there is. A known account without a row is an unfinished listing; a body the
    provider did not have keeps the whole from being complete.
    """
    rows = tuple(rows)
    unlisted = set(accounts) - {row.address for row in rows}
    unfinished = [row for row in rows if not row.is_ended]
    is_complete = bool(rows) and not unfinished and not unlisted and not unavailable
    times = [row.floor_time for row in unfinished or rows if row.floor_time is not None]
    oldest = (max if unfinished else min)(times, default=None)
    floor_slot = max((row.floor_slot for row in unfinished), default=Slot(0)) if rows else None
    return Span(len(rows) + len(unlisted), oldest, is_complete, floor_slot)


def _lower(old: ListedAddress, new: ListedAddress) -> ListedAddress:
    low, high = (new, old) if new.floor_slot <= old.floor_slot else (old, new)
    times = [time for time in (old.floor_time, new.floor_time) if time is not None]
    return ListedAddress(
        address=old.address,
        floor_slot=low.floor_slot,
        floor_time=min(times, default=None),
        before=low.before or high.before,
        is_ended=old.is_ended or new.is_ended,
    )


def _history_row(
    source: Source, floor_slot: Slot | None, floor_time: UnixSeconds | None
) -> ListedAddress:
    ended = source.is_ended and not source.buffer
    floor = Slot(0) if ended else min(source.below_slot, floor_slot or TOP)
    return ListedAddress(source.address, floor, floor_time, source.last_taken, is_ended=ended)


def _tail_rows(cursor: Cursor) -> tuple[ListedAddress, ...]:
    """Rows of the addresses new to this tail; the others already reach lower than it looked."""
    return tuple(
        ListedAddress(
            s.address,
            s.until_slot,
            None,
            s.last_taken,
            is_ended=s.is_ended and s.until_slot == 0,
        )
        for s in cursor.sources
        if s.is_new
    )


def _all_addresses(known: WalletCoverage, wallet: Address) -> list[Address]:
    rest = {row.address for row in known.addresses} | set(known.accounts)
    return [wallet, *sorted(rest - {wallet})]


def low_slot_of(known: WalletCoverage, wallet: Address) -> Slot:
    """Return the lowest slot that any address of the wallet was listed to; TOP where none was."""
    rows = _true_rows(known, wallet)
    return min((row.floor_slot for row in rows if not row.is_ended), default=TOP)


def top_of(sources: Iterable[Source]) -> Slot:
    """Return from where on down a run lists what was listed before; TOP where nothing was."""
    return max((s.below_slot for s in sources if not s.is_new), default=TOP)


def _true_rows(known: WalletCoverage, wallet: Address) -> list[ListedAddress]:
    """Return the rows with an account's floor no lower than its owner's.

    Where the owner's listing shows its accounts, an account is listed by itself only far below:
    above, it is covered as far as the owner is.
    """
    own = next((row for row in known.addresses if row.address == wallet), None)
    if own is None or own.is_ended:
        return list(known.addresses)
    return [
        row if row.is_ended else row._replace(floor_slot=max(row.floor_slot, own.floor_slot))
        for row in known.addresses
    ]


def _common_floor(known: WalletCoverage) -> Slot:
    """The slot down to which every unfinished listing went; 0 where all are finished."""
    return max((row.floor_slot for row in known.addresses if not row.is_ended), default=Slot(0))


def days_before(time: UnixSeconds, days: int) -> UnixSeconds:
    """Return the moment `days` before `time`."""
    return UnixSeconds(time - days * DAY_S)
