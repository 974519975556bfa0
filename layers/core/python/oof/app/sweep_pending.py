"""The safety net of each minute: nothing pending is forgotten, no projection stays behind."""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.domain.units import Address
from oof.ports.facts import FactStore
from oof.ports.queues import WalletWaker
from oof.ports.snapshots import SummaryStore
from oof.ports.system import Clock, NewId

PAGE = 500
"""Wallets of one sweep; what is beyond waits for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDeps:
    """What sweeping needs."""

    facts: FactStore
    summaries: SummaryStore
    waker: WalletWaker
    clock: Clock
    new_id: NewId
    pending_age_s: int

    @property
    def projecting(self) -> ProjectDeps:
        """What projecting needs, of this."""
        return ProjectDeps(facts=self.facts, summaries=self.summaries, clock=self.clock)


class SweepReport(NamedTuple):
    """What a sweep found."""

    woken: int
    projected: int


def sweep_pending(*, deps: SweepDeps) -> SweepReport:
    """Wake wallets whose oldest pending row is old, or what else is to be done of them.

    That is positions that are stale for as long, or marked as to be valued, or looked at, and
    wallets to be portrayed.

    Those whose summary lags are projected.
    """
    before = deps.clock.now() - timedelta(seconds=deps.pending_age_s)
    pending = deps.facts.forgotten(before=before, limit=PAGE)
    stale = deps.facts.stale_wallets(before=before, limit=PAGE)
    unvalued = deps.facts.unvalued_wallets(before=before, limit=PAGE)
    unseen = deps.facts.wallets_with_due_moments(at=before, limit=PAGE)
    unportrayed = deps.facts.wallets_with_due_portraits(at=before, limit=PAGE)
    forgotten = tuple(dict.fromkeys((*pending, *stale, *unvalued, *unseen, *unportrayed)))
    if forgotten:
        deps.waker.wake(forgotten, batch=deps.new_id())
    lagging = deps.facts.lagging(before=before, limit=PAGE)
    for wallet in lagging:
        project_wallet(wallet, deps=deps.projecting)
    return SweepReport(len(forgotten), len(lagging))


def reproject_all(*, deps: SweepDeps) -> SweepReport:
    """Project every wallet and wake it: after the hot table or the queues were lost."""
    count = 0
    after: Address | None = None
    while wallets := deps.facts.tracked(after=after, limit=PAGE):
        for wallet in wallets:
            project_wallet(wallet, deps=deps.projecting)
        deps.waker.wake(wallets, batch=deps.new_id())
        count += len(wallets)
        after = wallets[-1]
    return SweepReport(count, count)
