"""By night: bring in what favourites lack of their history, one run each, within the budget."""

from dataclasses import dataclass
from typing import NamedTuple

from oof.app.open_wallet import OpenDeps, start_overnight
from oof.domain.backfill import WalletCoverage, days_before
from oof.domain.errors import BudgetSpent
from oof.domain.jobs import WorkStatus
from oof.domain.units import UnixSeconds
from oof.domain.wallets import CLOSED
from oof.ports.backfill import BackfillStore
from oof.ports.favourites import Favourites
from oof.ports.system import unix_now


@dataclass(frozen=True, slots=True, kw_only=True)
class OvernightDeps:
    """What the night needs."""

    favourites: Favourites
    store: BackfillStore
    opening: OpenDeps
    most: int
    """Runs begun in one night."""


class Night(NamedTuple):
    """What a night began."""

    favourites: int
    complete: int
    """Those that lack nothing."""
    started: int
    is_out_of_budget: bool


def backfill_favourites(deps: OvernightDeps) -> Night:
    """Begin a run for each favourite that lacks history, at most `most`, the first favoured first.

    A run goes back to the ceiling, in chunks; what the night does not finish the next one goes on
    with. Nothing begins where the day's budget no longer allows work that nobody asked for.
    """
    wallets = deps.favourites.all()
    now = unix_now(deps.opening.clock)
    oldest = days_before(now, deps.opening.limits.ceiling_days)
    complete = started = 0
    for wallet in wallets:
        if _lacks_nothing(deps.store.coverage(wallet), oldest):
            complete += 1
        elif started < deps.most:
            try:
                work = start_overnight(deps.opening, wallet)
            except BudgetSpent:
                return Night(len(wallets), complete, started, is_out_of_budget=True)
            started += work.status is WorkStatus.QUEUED
    return Night(len(wallets), complete, started, is_out_of_budget=False)


def _lacks_nothing(known: WalletCoverage | None, oldest: UnixSeconds) -> bool:
    if known is None:
        return False
    reaches = known.oldest_time is not None and known.oldest_time <= oldest
    return known.is_complete or known.state in CLOSED or reaches
