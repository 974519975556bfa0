"""Ask for older history: start the work or join it, and follow it as a job."""

import hashlib
import json
from dataclasses import dataclass

from oof.app.follow_work import follow
from oof.app.open_wallet import OpenDeps, start_backfill
from oof.app.read_summary import no_more_opens
from oof.app.remember_request import RememberDeps, recalled, remember
from oof.domain.errors import Forbidden
from oof.domain.jobs import Job
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.ports.snapshots import SummaryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillDeps:
    """What accepting a backfill needs."""

    summaries: SummaryStore
    opening: OpenDeps
    remembering: RememberDeps


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
    kept = recalled(deps.remembering, ask, at=at)
    if kept is not None:
        return kept
    _guard(deps, ask, day=f"{now:%Y-%m-%d}", at=at)
    work = start_backfill(deps.opening, ask.wallet, days=ask.days)
    job = follow(deps.remembering.following, work, ask.caller, at=at)
    remember(deps.remembering, ask, job, at=at)
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
