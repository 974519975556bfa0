"""What a wake-up asks for: apply what is new, fold, value, look, project; come back for more."""

from dataclasses import dataclass
from typing import NamedTuple

from oof.app.advance_positions import SIZES, FoldSizes, advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet, block_wallet
from oof.app.detect_moments import DetectDeps, detect_moments
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
    """Apply what is pending; once nothing is, fold positions, value them and find moments.

    What came of it is projected. A stage that keeps failing for another reason than a store's
    absence blocks the wallet, after `GIVE_UP_RECEIVES` deliveries; until then its fault is raised,
    to be delivered again.
    """
    appended, has_more, blocked_code, lag_s = 0, True, None, None
    try:
        for _ in range(BATCHES):
            report = apply_wallet(wallet, deps=deps.applying)
            appended += report.appended
            has_more = report.has_more
            lag_s = lag_s if report.lag_s is None else report.lag_s
            if not has_more:
                has_more = _settle(wallet, deps)
                break
    except TransientError:
        raise
    except Exception as fault:
        if receives < GIVE_UP_RECEIVES:
            raise
        blocked_code = fault.code if isinstance(fault, OofError) else "fold_failed"
        block_wallet(wallet, blocked_code, deps=deps.applying)
    project_wallet(wallet, deps=deps.projecting)
    if has_more and blocked_code is None:
        deps.waker.wake([wallet], batch=deps.new_id())
    return AdvanceReport(appended, has_more, blocked_code, lag_s)


def _settle(wallet: Address, deps: AdvanceDeps) -> bool:
    """Fold positions, value what is folded, look at it; return whether more is left of any."""
    if advance_positions(wallet, deps=deps.applying, sizes=deps.sizes).has_more:
        return True
    if value_positions(wallet, deps=deps.applying).has_more:
        return True
    looking = DetectDeps(facts=deps.applying.facts, clock=deps.applying.clock, config=deps.moments)
    return all(detect_moments(wallet, deps=looking).has_more for _ in range(LOOKS))
