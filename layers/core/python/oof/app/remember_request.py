"""An `Idempotency-Key` stands for the first request it came with, for a day."""

from dataclasses import dataclass
from typing import Final, Protocol

from oof.app.follow_work import FollowDeps
from oof.domain.errors import KeyReused
from oof.domain.jobs import Job
from oof.domain.units import UnixSeconds
from oof.ports.jobs import RememberedRequest, RequestMemory

_KEEP_KEY_S: Final = 86_400


class KeyedAsk(Protocol):
    """A request that may have come with a key."""

    @property
    def caller(self) -> str:
        """Who asks."""
        ...

    @property
    def idempotency_key(self) -> str | None:
        """The key, if one came with it."""
        ...

    @property
    def fingerprint(self) -> str:
        """What tells this request from others under the same key."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberDeps:
    """What remembering needs."""

    requests: RequestMemory
    following: FollowDeps


def recalled(deps: RememberDeps, ask: KeyedAsk, *, at: UnixSeconds) -> Job | None:
    """Return the job that the key's first request got; None where it is the first.

    Raises KeyReused where the key stands for another request.
    """
    if ask.idempotency_key is None:
        return None
    kept = deps.requests.recall(ask.caller, ask.idempotency_key, at=at)
    if kept is None:
        return None
    _check_same(kept, ask)
    return deps.following.jobs.get(kept.job_id)


def remember(deps: RememberDeps, ask: KeyedAsk, job: Job, *, at: UnixSeconds) -> None:
    """Keep what the key stands for. Raises KeyReused where another request was faster."""
    if ask.idempotency_key is None:
        return
    kept = deps.requests.remember(
        ask.caller,
        ask.idempotency_key,
        RememberedRequest(fingerprint=ask.fingerprint, job_id=job.job_id),
        at=at,
        expires_at=UnixSeconds(at + _KEEP_KEY_S),
    )
    _check_same(kept, ask)


def _check_same(kept: RememberedRequest, ask: KeyedAsk) -> None:
    if kept.fingerprint != ask.fingerprint:
        raise KeyReused("this key was first used with another wallet or other parameters")
