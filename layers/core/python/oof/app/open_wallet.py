"""Start work on a wallet: opening it, or bringing in older history."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeGuard

from oof.domain.backfill import Limits, Mode, days_before, share_of
from oof.domain.errors import BudgetSpent
from oof.domain.gate import Spend
from oof.domain.jobs import Work, WorkKind, WorkRequest, WorkStatus
from oof.domain.units import Address, UnixSeconds
from oof.ports.jobs import WorkStore
from oof.ports.limiter import GateReader, OpenQuota
from oof.ports.system import Clock, unix_now
from oof.ports.workflow import Run, RunStarter

STALE_AFTER_S: Final = 900
"""An attempt silent for so long is dead: the longest step takes a third of it."""
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCaps:
    """How many wallets may be opened on one UTC day."""

    per_caller: int
    per_day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeps:
    """What starting work needs: no database, so that a miss answers at once."""

    works: WorkStore
    quota: OpenQuota
    gate: GateReader
    starter: RunStarter
    clock: Clock
    limits: Limits
    caps: OpenCaps


def open_wallet(deps: OpenDeps, wallet: Address, *, caller: str) -> Work | None:
    """Start opening the wallet, or join whoever does; None where a cap of the day is reached.

    Joining costs nothing of the caps. Raises `BudgetSpent` where the day's credits are kept for the
    wallets already open.
    """
    now = deps.clock.now()
    at = UnixSeconds(int(now.timestamp()))
    request = WorkRequest(kind=WorkKind.OPEN_WALLET, wallet=wallet)
    work = deps.works.get(request.work_id)
    if not _is_under_way(work, at):
        _refuse_overspending(deps, at, is_allowed=lambda spend: spend.may_open)
        day = f"{now:%Y-%m-%d}"
        counted = deps.quota.take(
            caller, day=day, per_caller=deps.caps.per_caller, per_day=deps.caps.per_day
        )
        if not counted:
            return None
        work = deps.works.begin(request, at=at, stale_after_s=STALE_AFTER_S).work
    _start(deps, work, Mode.OPEN, None)
    return work


def start_overnight(deps: OpenDeps, wallet: Address) -> Work:
    """Start bringing in all of the wallet's history up to the ceiling, though nobody waits.

    It is the same work as when somebody asks for it. Raises `BudgetSpent`.
    """
    days = deps.limits.ceiling_days
    return _go_back(deps, wallet, days=days, mode=Mode.OVERNIGHT)


def start_backfill(deps: OpenDeps, wallet: Address, *, days: int) -> Work:
    """Start bringing in the last `days` of the wallet's history, or join whoever does.

    More days than the ceiling are the ceiling. The same days asked for again while a run is under
    way are that run's. Raises `BudgetSpent` where the day's credits are kept for more urgent work.
    """
    days = min(days, deps.limits.ceiling_days)
    return _go_back(deps, wallet, days=days, mode=Mode.DEEP)


def _go_back(deps: OpenDeps, wallet: Address, *, days: int, mode: Mode) -> Work:
    at = unix_now(deps.clock)
    request = WorkRequest(kind=WorkKind.BACKFILL_HISTORY, wallet=wallet, params={"days": str(days)})
    if not _is_under_way(deps.works.get(request.work_id), at):
        _refuse_overspending(deps, at, is_allowed=lambda spend: spend.allows(share_of(mode)))
    work = deps.works.begin(request, at=at, stale_after_s=STALE_AFTER_S).work
    _start(deps, work, mode, days_before(work.created_at, days))
    return work


def _is_under_way(work: Work | None, at: UnixSeconds) -> TypeGuard[Work]:
    if work is None or work.status.is_final:
        return False
    return at - work.updated_at < STALE_AFTER_S


def _refuse_overspending(
    deps: OpenDeps, at: UnixSeconds, *, is_allowed: Callable[[Spend], bool]
) -> None:
    reading = deps.gate.reading()
    if reading is None or is_allowed(reading.spend):
        return
    raise BudgetSpent(
        f"{reading.spend.percent} % of the day's budget for fetching is spent",
        reset_s=_DAY_S - at % _DAY_S,
    )


def _start(deps: OpenDeps, work: Work, mode: Mode, target: UnixSeconds | None) -> None:
    """Start what is queued; a queued attempt may have been left by one who could not start it."""
    if work.status is WorkStatus.QUEUED:
        run = Run(
            run_id=work.execution_name,
            wallet=work.wallet,
            mode=mode,
            target_time=target,
            work_id=work.work_id,
            attempt=work.attempt,
        )
        deps.starter.start(run)
