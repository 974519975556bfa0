"""Ask for positions of a group of wallets by a choice of one's own, and follow it as a job.

A view is one caller's: the work is keyed by who asks and for what, so that asking twice while it is
worked out is asking once, and asking again later keeps it in the same place.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oof.app.follow_work import follow
from oof.app.remember_request import RememberDeps, recalled, remember
from oof.domain.errors import Forbidden, InvalidInput, TooManyAnalyses
from oof.domain.jobs import Job, Work, WorkKind, WorkRequest, WorkStatus
from oof.domain.positions.group import GroupChoice, group_choice
from oof.domain.positions.lots import Method
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.ports.jobs import WorkStore
from oof.ports.limiter import OpenQuota
from oof.ports.queues import AnalysisQueue
from oof.ports.snapshots import SummaryStore
from oof.ports.system import Clock, unix_now

STALE_AFTER_S: Final = 480
"""An attempt silent for so long is dead; the function may take five minutes, and tells of pages."""
UNSENT_AFTER_S: Final = 30
"""An attempt queued for longer may never have been handed over: whoever queued it may have died."""
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewCaps:
    """How many views may be begun within a minute."""

    per_caller: int
    per_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAskDeps:
    """What accepting a view needs: no database."""

    works: WorkStore
    queue: AnalysisQueue
    quota: OpenQuota
    summaries: SummaryStore
    remembering: RememberDeps
    clock: Clock
    caps: ViewCaps


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewAsk:
    """What a caller asked for."""

    choice: GroupChoice
    caller: str
    idempotency_key: str | None

    @property
    def fingerprint(self) -> str:
        """What tells this request from others under the same key."""
        text = json.dumps(["view", sorted(params_of(self.choice, self.caller).items())])
        return hashlib.sha256(text.encode()).hexdigest()


def request_view(deps: ViewAskDeps, ask: ViewAsk) -> Job:
    """Have the view worked out, or join the work under way, and return the caller's job.

    Raises:
        Forbidden: one of the wallets is refused or too active: nothing is stored of it.
        InvalidInput: one of the wallets was never opened.
        KeyReused: the idempotency key stands for another request.
        TooManyAnalyses: the caller began as many within this minute as it may.
    """
    at = unix_now(deps.clock)
    kept = recalled(deps.remembering, ask, at=at)
    if kept is not None:
        return kept
    _check_known(deps, ask.choice)
    request = WorkRequest(
        kind=WorkKind.FOLD_VIEW,
        wallet=ask.choice.wallets[0],
        params=params_of(ask.choice, ask.caller),
    )
    work = begin_analysis(deps, request, caller=ask.caller)
    job = follow(deps.remembering.following, work, ask.caller, at=at)
    remember(deps.remembering, ask, job, at=at)
    return job


def params_of(choice: GroupChoice, owner: str) -> Mapping[str, str]:
    """Return a choice and its owner as a work's parameters; `choice_of` undoes it."""
    return {
        "owner": owner,
        "wallets": ",".join(choice.wallets),
        "method": choice.method.value,
        "realize_exchange_transfers": str(choice.realize_exchange_transfers).lower(),
    }


def choice_of(params: Mapping[str, str]) -> GroupChoice:
    """Return the choice of a work's parameters."""
    return group_choice(
        map(Address, params["wallets"].split(",")),
        method=Method(params["method"]),
        realize_exchange_transfers=params["realize_exchange_transfers"] == "true",
    )


def view_id_of(work_id: str) -> str:
    """Return the id of the view that a work makes: 32 hexadecimal digits, always the same."""
    return work_id.removeprefix(f"{WorkKind.FOLD_VIEW}-")


def _check_known(deps: ViewAskDeps, choice: GroupChoice) -> None:
    """Refuse wallets of which nothing is stored: a view fetches nothing."""
    summaries = deps.summaries.get_many(choice.wallets)
    for wallet in choice.wallets:
        summary = summaries.get(wallet)
        state = WalletState.UNSEEN if summary is None else summary.state
        if state in {WalletState.REFUSED, WalletState.TOO_ACTIVE}:
            raise Forbidden(f"nothing is stored of {wallet}, which is {state}")
        if state is WalletState.UNSEEN:
            raise InvalidInput(
                "wallets", f"wallets that were opened; read {wallet}'s summary first"
            )


def begin_analysis(deps: ViewAskDeps, request: WorkRequest, *, caller: str) -> Work:
    """Hand the work over, or join it under way; beginning counts against the caller's minute.

    Raises TooManyAnalyses: the caller began as many within this minute as it may.
    """
    now = deps.clock.now()
    at = UnixSeconds(int(now.timestamp()))
    work = deps.works.get(request.work_id)
    if work is None or work.status.is_final or at - work.updated_at >= STALE_AFTER_S:
        _count(deps, caller, minute=f"{now:%Y-%m-%dT%H:%M}", at=at)
    begun = deps.works.begin(request, at=at, stale_after_s=STALE_AFTER_S)
    work = begun.work
    is_unsent = work.status is WorkStatus.QUEUED and at - work.created_at >= UNSENT_AFTER_S
    if begun.is_new or is_unsent:
        deps.queue.request(work.work_id, work.attempt)
    return work


def _count(deps: ViewAskDeps, caller: str, *, minute: str, at: UnixSeconds) -> None:
    caps = deps.caps
    is_counted = deps.quota.take(
        f"analyses {caller}", day=minute, per_caller=caps.per_caller, per_day=caps.per_minute
    )
    if not is_counted:
        raise TooManyAnalyses(
            f"{caps.per_caller} analyses a minute may be begun by one caller, "
            f"{caps.per_minute} by all",
            limit=caps.per_caller,
            reset_s=_MINUTE_S - at % _MINUTE_S,
        )
