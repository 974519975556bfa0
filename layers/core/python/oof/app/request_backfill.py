"""Ask for older history: start the work or join it, and follow it as a job."""

import hashlib
import json
from dataclasses import dataclass

from oof.app.follow_work import FollowDeps, follow
from oof.app.open_wallet import OpenDeps, start_backfill
from oof.app.read_summary import no_more_opens
from oof.domain.errors import Forbidden, KeyReused
from oof.domain.jobs import Job
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.ports.jobs import RememberedRequest, RequestMemory
from oof.ports.snapshots import SummaryStore

_KEEP_KEY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillDeps:
    """What accepting a backfill needs."""

    summaries: SummaryStore
    requests: RequestMemory
    opening: OpenDeps
    following: FollowDeps


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillAsk:
    """What a caller asked for: history back to `days` before now."""

    wallet: Address
    days: int
    caller: str
    idempotency_key: str | None

    @property
    def fingerprint(self) -> str:
        """What tells this request from others under the same key."""
        text = json.dumps(["backfill", self.wallet, self.days])
        return hashlib.sha256(text.encode()).hexdigest()


def request_backfill(deps: BackfillDeps, ask: BackfillAsk) -> Job:
    """Start the work or join it, and return the caller's job.

    Raises:
        BudgetSpent: the day's credits are kept for more urgent work.
        Forbidden: the wallet is refused or too active: no history of it is fetched.
        KeyReused: the idempotency key stands for another request.
        LimitReached: the wallet is not open, and no more may be opened today.
    """
    now = deps.opening.clock.now()
    at = UnixSeconds(int(now.timestamp()))
    kept = _recalled(deps, ask, at)
    if kept is not None:
        return kept
    _guard(deps, ask, day=f"{now:%Y-%m-%d}", at=at)
    work = start_backfill(deps.opening, ask.wallet, days=ask.days)
    job = follow(deps.following, work, ask.caller, at=at)
    _remember(deps, ask, job, at)
    return job


def _guard(deps: BackfillDeps, ask: BackfillAsk, *, day: str, at: UnixSeconds) -> None:
    """Refuse what is not served; a wallet that nobody opened counts as one opened today."""
    summary = deps.summaries.get(ask.wallet)
    state = WalletState.UNSEEN if summary is None else summary.state
    if state in {WalletState.REFUSED, WalletState.TOO_ACTIVE}:
        raise Forbidden(f"no history is fetched of a wallet that is {state}")
    if state in {WalletState.UNSEEN, WalletState.UNTRACKED}:
        caps = deps.opening.caps
        if not deps.opening.quota.take(
            ask.caller, day=day, per_caller=caps.per_caller, per_day=caps.per_day
        ):
            raise no_more_opens(deps.opening, at)


def _recalled(deps: BackfillDeps, ask: BackfillAsk, at: UnixSeconds) -> Job | None:
    if ask.idempotency_key is None:
        return None
    kept = deps.requests.recall(ask.caller, ask.idempotency_key, at=at)
    if kept is None:
        return None
    _check_same(kept, ask)
    return deps.following.jobs.get(kept.job_id)


def _remember(deps: BackfillDeps, ask: BackfillAsk, job: Job, at: UnixSeconds) -> None:
    if ask.idempotency_key is None:
        return
    request = RememberedRequest(fingerprint=ask.fingerprint, job_id=job.job_id)
    kept = deps.requests.remember(
        ask.caller,
        ask.idempotency_key,
        request,
        at=at,
        expires_at=UnixSeconds(at + _KEEP_KEY_S),
    )
    _check_same(kept, ask)


def _check_same(kept: RememberedRequest, ask: BackfillAsk) -> None:
    if kept.fingerprint != ask.fingerprint:
        raise KeyReused("this key was first used with another wallet or other parameters")
