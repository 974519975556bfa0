"""Sort out what of a page is missing, and take it on so that nobody else fetches it too."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oof.app.plan_backfill import Next
from oof.app.run_documents import Missing, RunDocuments
from oof.domain.listing import BOTTOM, Listed
from oof.domain.units import Address, Signature, UnixSeconds
from oof.ports.backfill import BackfillStore
from oof.ports.system import Clock, unix_now
from oof.ports.workflow import Run

MAX_FETCHES = 3
"""How often a body the provider answers with nothing is asked for before the run goes on."""


class Leased(NamedTuple):
    """What a round found."""

    next: Next
    known: int
    mine: int
    busy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseDeps:
    """What leasing needs."""

    store: BackfillStore
    documents: RunDocuments
    link: Callable[[Address, Sequence[Signature]], None]
    """Brings stored transactions into the wallet's ledger, whoever had them fetched."""
    clock: Clock
    lease_s: int


def lease_signatures(deps: LeaseDeps, run: Run, *, page: int, round_: int, fetches: int) -> Leased:
    """Link what is stored, lease what is missing, and say what to do with the rest.

    Rounds go on until every signature of the page is stored: after fetching its own, a run waits
    for those another run is fetching, and takes them over where that lease ends.
    """
    now = unix_now(deps.clock)
    taken = deps.documents.page(page)
    entries = {entry.signature: entry for entry in taken.page.entries}
    if page == 0:
        for signature in taken.cursor.retries:
            entries.setdefault(signature, Listed(signature, BOTTOM, None, None))
    leases = deps.store.lease(
        run.run_id, tuple(entries), at=now, until=UnixSeconds(now + deps.lease_s)
    )
    if leases.known:
        deps.link(run.wallet, leases.known)
    mine = leases.mine
    if mine and fetches >= MAX_FETCHES:
        deps.store.give_up(run.wallet, mine, at=now)
        mine = ()
    next_ = Next.FINISH
    if mine:
        wanted = tuple(entries[signature] for signature in mine)
        deps.documents.put_missing(page, round_, Missing(wanted, taken.page.entries))
        next_ = Next.FETCH
    elif leases.busy:
        next_ = Next.WAIT
    return Leased(next_, len(leases.known), len(mine), len(leases.busy))
