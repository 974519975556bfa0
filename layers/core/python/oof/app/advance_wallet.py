"""What a wake-up asks for: apply what is new, fold, value, look, project; come back for more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from oof.app.advance_positions import SIZES, FoldSizes, advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet, block_wallet
from oof.app.detect_moments import SIZES as AT_ONCE
from oof.app.detect_moments import DetectDeps, DetectSizes, detect_moments
from oof.app.portray_wallet import PortrayDeps, portray_wallet
from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.app.value_positions import value_positions
from oof.domain.errors import OofError, TransientError
from oof.domain.moments.config import DEFAULTS, MomentConfig
from oof.domain.units import Address
from oof.ports.queues import WalletWaker
from oof.ports.system import NewId

BATCHES = 10
"""Batches of one wake-up; a longer backlog wakes the wallet again, so that others get a turn."""
LOOKS = 5
"""Turns of detecting in one wake-up, for the same reason."""
GIVE_UP_RECEIVES = 5
"""Failed deliveries after which the wallet is blocked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceDeps:
    """What advancing needs."""

    applying: ApplyDeps
    projecting: ProjectDeps
    waker: WalletWaker
    new_id: NewId
    sizes: FoldSizes = SIZES
    moments: MomentConfig = DEFAULTS


class AdvanceReport(NamedTuple):
    """What a wake-up did."""

    appended: int
    has_more: bool
    blocked_code: str | None
    lag_s: int | None
    """How long after its block the newest transaction was applied, where one was newer."""


def advance_wallet(wallet: Address, *, receives: int, deps: AdvanceDeps) -> AdvanceReport:
    """Apply what is pending; once nothing is, fold positions, value them, find moments, portray.

    What came of it is projected before moments are looked for, and again if any changed. A stage
    that keeps failing for another reason than a store's absence blocks the wallet, after
    `GIVE_UP_RECEIVES` deliveries; until then its fault is raised, to be delivered again.
    """
    advance = _Advance(wallet, deps, receives)
    blocked_code = _block_if_it_fails(advance.settle, advance)
    project_wallet(wallet, deps=deps.projecting)
    if blocked_code is None and not advance.has_more:
        blocked_code = _block_if_it_fails(advance.look, advance)
        if advance.found or blocked_code is not None:
            project_wallet(wallet, deps=deps.projecting)
    if blocked_code is None and not advance.has_more:
        blocked_code = _block_if_it_fails(advance.portray, advance)
        if blocked_code is not None:
            project_wallet(wallet, deps=deps.projecting)
    if advance.has_more and blocked_code is None:
        deps.waker.wake([wallet], batch=deps.new_id())
    return AdvanceReport(advance.appended, advance.has_more, blocked_code, advance.lag_s)


class _Advance:
    """One wake-up, under way."""

    def __init__(self, wallet: Address, deps: AdvanceDeps, receives: int) -> None:
        self.wallet = wallet
        self.receives = receives
        self.deps = deps
        self.appended = 0
        self.found = 0
        """Moments that changed."""
        self.has_more = True
        self.lag_s: int | None = None

    def settle(self) -> None:
        """Apply up to so many batches; where that was all, fold positions and value them."""
        for _ in range(BATCHES):
            report = apply_wallet(self.wallet, deps=self.deps.applying)
            self.appended += report.appended
            self.lag_s = self.lag_s if report.lag_s is None else report.lag_s
            if not report.has_more:
                self.has_more = self._fold_and_value()
                return

    def look(self) -> None:
        """Find the moments of what is valued, up to so many turns.

        Who was woken in vain before, for want of time, say, looks at a quarter as many at once.
        """
        sizes = DetectSizes(positions=max(1, AT_ONCE.positions >> 2 * (self.receives - 1)))
        applying = self.deps.applying
        deps = DetectDeps(facts=applying.facts, clock=applying.clock, config=self.deps.moments)
        for _ in range(LOOKS):
            report = detect_moments(self.wallet, deps=deps, sizes=sizes)
            self.found += report.changed
            self.has_more = report.has_more
            if not report.has_more:
                return

    def portray(self) -> None:
        """Portray the wallet, if that is due."""
        applying = self.deps.applying
        portray_wallet(self.wallet, deps=PortrayDeps(facts=applying.facts, clock=applying.clock))

    def _fold_and_value(self) -> bool:
        """Return whether more is left of either.

        Nothing is valued that is to be folded anew, and a long history folded anew waits for its
        prices: who brings them wakes the wallet, and if nobody does, the sweep.
        """
        applying, sizes = self.deps.applying, self.deps.sizes
        report = advance_positions(self.wallet, deps=applying, sizes=sizes)
        if report.has_more:
            return True
        if report.is_deferred or report.folded > sizes.refold_at_once:
            return False
        return value_positions(self.wallet, deps=applying).has_more


def _block_if_it_fails(work: Callable[[], None], advance: _Advance) -> str | None:
    """Do a part of a wake-up; return the code the wallet was blocked by, if it was."""
    try:
        work()
    except TransientError:
        raise
    except Exception as fault:
        if advance.receives < GIVE_UP_RECEIVES:
            raise
        code = fault.code if isinstance(fault, OofError) else "fold_failed"
        block_wallet(advance.wallet, code, deps=advance.deps.applying)
        return code
    return None
