"""Have the node asked for bodies of webhooks that something speaks against.

What is doubted on its own account is noted as it is stored; this job finds those that do not go on
from their neighbours, and sends out whatever is doubted. It sends what it has committed, so a
crash loses a message at most, and the next run asks again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from oof.app.fetch_notified import VERIFY
from oof.ports.doubts import DoubtStore
from oof.ports.queues import FetchRequester
from oof.ports.system import Clock

PAGE: Final = 200
"""Bodies compared, or asked for, in one go."""
ROUNDS: Final = 10
"""Pages of one run; what is beyond waits for the next one."""
AGAIN_AFTER: Final = timedelta(minutes=10)
TRIES: Final = 5
EXPIRE_AFTER: Final = timedelta(days=2)
"""By then every wallet was audited; what was not is compared as far as it can be."""
FORGET_AFTER: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDeps:
    """What checking needs; it reaches the database, not the node."""

    doubts: DoubtStore
    requester: FetchRequester
    clock: Clock


class CheckReport(NamedTuple):
    """What a run did."""

    examined: int
    broken: int
    """Bodies doubted because they do not go on from their neighbours."""
    asked: int
    absent: int
    """Given up: the node does not have them."""
    forgotten: int


def check_bodies(deps: CheckDeps) -> CheckReport:
    """Compare neighbours, ask for what is doubted, give up what is asked for in vain."""
    at = deps.clock.now()
    examined = broken = asked = 0
    for _ in range(ROUNDS):
        found = deps.doubts.examine(at=at, expired_before=at - EXPIRE_AFTER, limit=PAGE)
        examined, broken = examined + found.examined, broken + found.doubted
        if found.examined < PAGE:
            break
    for _ in range(ROUNDS):
        signatures = deps.doubts.claim_doubts(
            at=at, again_before=at - AGAIN_AFTER, tries=TRIES, limit=PAGE
        )
        if signatures:
            deps.requester.request(signatures, reason=VERIFY)
        asked += len(signatures)
        if len(signatures) < PAGE:
            break
    absent = deps.doubts.give_up_doubts(at=at, again_before=at - AGAIN_AFTER, tries=TRIES)
    forgotten = deps.doubts.forget_doubts(before=at - FORGET_AFTER)
    return CheckReport(examined, broken, asked, absent, forgotten)
