"""Sum what a wallet's tokens came to over some days, for whoever asked."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from oof.app.fold_view import GIVE_UP_RECEIVES
from oof.app.read_token_results import span_of
from oof.domain.errors import OofError, TransientError
from oof.domain.jobs import Progress, Work, WorkKind, WorkStatus
from oof.ports.jobs import WorkStore
from oof.ports.system import Clock, unix_now
from oof.ports.token_results import TokenSums

KEPT: Final = timedelta(days=1)
"""How long sums stay after they were asked for."""
_DROPPED_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SumTokensDeps:
    """What summing needs."""

    sums: TokenSums
    works: WorkStore
    clock: Clock


class SummedTokens(NamedTuple):
    """How a delivery ended."""

    status: WorkStatus | None
    """None where the attempt was over before, or there is none."""
    tokens: int = 0
    fault: Exception | None = None
    """What it was given up for."""


def is_summing(work_id: str) -> bool:
    """Return whether a work is one of these."""
    return work_id.startswith(f"{WorkKind.SUM_TOKENS}-")


def sum_tokens(work_id: str, attempt: int, *, receives: int, deps: SumTokensDeps) -> SummedTokens:
    """Sum once and end the attempt; nothing where it is over, or superseded.

    One statement under the wallet's row lock: it is there as a whole or not at all, and doing it
    again changes nothing. A fault but a store's absence is raised, to be delivered again, until
    it came `GIVE_UP_RECEIVES` times. Raises `StoreUnavailable` and `Conflict`.
    """
    work = deps.works.get(work_id)
    if work is None or work.attempt != attempt or work.status.is_final:
        return SummedTokens(None)
    try:
        tokens = _sum(work, deps)
    except TransientError:
        raise
    except Exception as fault:
        if receives < GIVE_UP_RECEIVES:
            raise
        reason = fault.code if isinstance(fault, OofError) else "sum_failed"
        at = unix_now(deps.clock)
        deps.works.finish(work_id, attempt, WorkStatus.FAILED, at=at, reason=reason)
        return SummedTokens(WorkStatus.FAILED, fault=fault)
    at = unix_now(deps.clock)
    deps.works.finish(work_id, attempt, WorkStatus.SUCCEEDED, at=at, reason=None)
    return SummedTokens(WorkStatus.SUCCEEDED, tokens)


def drop_sums(*, sums: TokenSums, clock: Clock) -> int:
    """Drop some of the sums that expired; return how many."""
    return sums.drop_expired(at=clock.now(), limit=_DROPPED_AT_ONCE)


def _sum(work: Work, deps: SumTokensDeps) -> int:
    now = deps.clock.now()
    span = span_of(work.params)
    tokens = deps.sums.sum_days(work.wallet, span, at=now, expires_at=now + KEPT) or 0
    progress = Progress(done=tokens, total=tokens, unit=work.kind.unit)
    at = unix_now(deps.clock)
    deps.works.report(work.work_id, work.attempt, progress, at=at, note="tokens_summed")
    return tokens
