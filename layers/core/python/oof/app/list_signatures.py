"""Take pages off a wallet's listings, all its addresses merged."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from oof.app.run_documents import RunDocuments, TakenPage
from oof.domain.backfill import (
    OWNERLESS_BELOW,
    STOPPED_BY_DAYS,
    STOPPED_BY_SIGNATURES,
    Cursor,
    Limits,
    Mode,
    Page,
    Phase,
    cursor_after,
    days_before,
)
from oof.domain.errors import NotInPlan
from oof.domain.listing import TOP, Listed, Pulled, Source, Taken, most_in_a_day, newest, take
from oof.domain.units import Slot, UnixSeconds
from oof.ports.upstream import MAX_LISTED, ChainSource

_EVERYTHING: Final = 2**31
_AHEAD_BY_SIGNATURE: Final = 2


def list_signatures(
    chain: ChainSource, documents: RunDocuments, *, page: int, limits: Limits
) -> tuple[Page, ...]:
    """Take pages from a cursor, and write each with the cursor after it; at least one.

    Several are listed ahead, so that their bodies are brought in side by side. Pages of listings
    not used up travel along in the cursor, so nothing is listed twice. The first page of a wallet
    is small and comes alone, and is none at all where the wallet is too active.
    """
    cursor = documents.cursor(page)
    pages: list[Page] = []
    while len(pages) < _pages_ahead(chain, limits):
        try:
            taken = _take_page(chain, cursor, limits)
        except NotInPlan:
            if pages:
                break
            # from here on the chain lists by signatures; the page begun is begun anew
            taken = _take_page(chain, documents.cursor(page), limits)
        documents.put_page(page + len(pages), taken)
        pages.append(taken.page)
        if _is_last(taken):
            break
        cursor = cursor_after(taken.cursor, taken.page)
    return tuple(pages)


def _pages_ahead(chain: ChainSource, limits: Limits) -> int:
    """How many pages are worth listing at once.

    By signature each body is a call: more pages would wait for the plan's rate together, and the
    run would be silent for longer than one that is alive may be.
    """
    most = limits.pages_ahead
    return most if chain.has_history_pages else min(most, _AHEAD_BY_SIGNATURE)


def _is_last(taken: TakenPage) -> bool:
    """Whether what is decided between batches comes next."""
    page = taken.page
    is_over = page.is_phase_done or page.stopped_by is not None or page.is_too_active
    return is_over or taken.cursor.is_first


def _take_page(chain: ChainSource, cursor: Cursor, limits: Limits) -> TakenPage:
    cursor, taken = _listed_page(chain, cursor, limits)
    lowest = taken.entries[-1].slot if taken.entries else cursor.low_slot
    cursor = replace(
        cursor,
        chunk_taken=cursor.chunk_taken + _progress(cursor, taken.entries),
        low_slot=min(cursor.low_slot, lowest),
        taken_to=taken.entries[-1].slot if taken.entries else cursor.taken_to,
    )
    return TakenPage(cursor, taken)


def _listed_page(chain: ChainSource, cursor: Cursor, limits: Limits) -> tuple[Cursor, Page]:
    listing = _Listing(chain, cursor)
    listing.prepare()
    return cursor, _take(listing, cursor, limits)


def _take(listing: "_Listing", cursor: Cursor, limits: Limits) -> Page:
    head = newest(cursor.sources, listing.pull)
    if head is not None and cursor.top is None:
        cursor.top = head
    if cursor.is_first and _is_too_active(cursor, limits):
        return Page((), is_phase_done=False, stopped_by=None, is_too_active=True)
    if cursor.chunk_floor_time is None and head is not None:
        cursor.chunk_floor_time = _floor_time(cursor, head.block_time, limits)
    room = _chunk_size(cursor, limits) - cursor.chunk_taken
    size = limits.first_page if cursor.is_first and cursor.page == 0 else limits.page
    taken = listing.take(limit=min(size, max(room, 1)))
    stopped_by = None
    if taken.is_at_floor_time:
        stopped_by = STOPPED_BY_DAYS
    elif not taken.is_exhausted and _progress(cursor, taken.entries) >= room:
        stopped_by = STOPPED_BY_SIGNATURES
    return Page(taken.entries, is_phase_done=taken.is_exhausted, stopped_by=stopped_by)


def _progress(cursor: Cursor, entries: Sequence[Listed]) -> int:
    """Count the entries that no earlier page reached."""
    return sum(entry.slot < cursor.low_slot for entry in entries)


class _Listing:
    """Listings of one wallet, as the provider's plan allows them."""

    def __init__(self, chain: ChainSource, cursor: Cursor) -> None:
        self._chain = chain
        self._cursor = cursor

    def prepare(self) -> None:
        """Ask for the token accounts there are, before the first page that needs them.

        A plan that lists an owner with its token accounts needs them only where that fails. Where
        that changed since the last page, a second provider having stood in, every listing begins
        anew below what was taken.
        """
        by_owner = self._chain.has_history_pages
        if self._cursor.is_by_owner not in {None, by_owner}:
            for source in self._cursor.sources:
                source.restart_below(self._cursor.taken_to)
        self._cursor.is_by_owner = by_owner
        if by_owner:
            for source in self._cursor.sources:
                _leave_to_owner(source)
        elif not self._cursor.has_asked_accounts:
            self._ask_accounts()

    def take(self, *, limit: int) -> Taken:
        """Take a page; at the wallet's end the token accounts are asked for once."""
        floor_time = self._cursor.chunk_floor_time
        taken = take(self._cursor.sources, self.pull, limit=limit, floor_time=floor_time)
        is_end = taken.is_exhausted and self._cursor.phase is Phase.HISTORY
        if is_end and not self._cursor.has_asked_accounts:
            self._ask_accounts()
            rest = take(self._cursor.sources, self.pull, limit=max(limit, 1), floor_time=floor_time)
            entries = {e.signature: e for e in (*taken.entries, *rest.entries)}
            return rest._replace(entries=tuple(entries.values()))
        return taken

    def pull(self, source: Source) -> Pulled:
        """Ask for the next page of one listing."""
        if source.is_wallet and self._chain.has_history_pages:
            page = self._chain.history_page(
                source.address,
                below_slot=None if source.below_slot == TOP else source.below_slot,
                from_slot=source.until_slot or None,
                token=source.token,
            )
            return Pulled(page.entries, page.token, is_last=page.token is None)
        rows = self._chain.signatures_for_address(
            source.address, before=source.before, limit=MAX_LISTED
        )
        return Pulled(rows, None, is_last=len(rows) < MAX_LISTED)

    def _ask_accounts(self) -> None:
        self._cursor.has_asked_accounts = True
        listed = {source.address for source in self._cursor.sources}
        for account in self._chain.token_accounts(self._cursor.wallet):
            if account.address not in listed:
                source = Source(address=account.address, is_wallet=False, is_new=True)
                if self._chain.has_history_pages:
                    _leave_to_owner(source)
                self._cursor.sources.append(source)


def _leave_to_owner(source: Source) -> None:
    """Bound an account's own listing to where the owner's listing does not show it."""
    if not source.is_wallet and source.before is None and source.bound >= OWNERLESS_BELOW:
        source.below_slot = min(source.below_slot, OWNERLESS_BELOW)
        source.bound = min(source.bound, Slot(OWNERLESS_BELOW - 1))
        source.is_done = source.is_done or source.bound < source.until_slot


def _is_too_active(cursor: Cursor, limits: Limits) -> bool:
    listed = {e.signature: e for source in cursor.sources for e in source.buffer}
    return most_in_a_day(listed.values()) >= limits.too_active_per_day


def _chunk_size(cursor: Cursor, limits: Limits) -> int:
    if cursor.phase is Phase.TAIL:
        return _EVERYTHING
    return limits.open_signatures if cursor.mode is Mode.OPEN else limits.chunk_signatures


def _floor_time(
    cursor: Cursor, head_time: UnixSeconds | None, limits: Limits
) -> UnixSeconds | None:
    """How old the chunk's oldest entry may be; an entry without a time sets no bound."""
    if cursor.phase is Phase.TAIL or head_time is None:
        return None
    if cursor.mode is Mode.OPEN:
        return cursor.target_time or days_before(head_time, limits.open_days)
    floor = days_before(head_time, limits.chunk_days * cursor.chunk_stretch)
    return floor if cursor.target_time is None else max(floor, cursor.target_time)
