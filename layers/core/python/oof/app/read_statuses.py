"""Which of some wallets can be used as they are stored: one read for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from oof.domain.freshness import Judgement, Standing, judge
from oof.domain.units import Address
from oof.ports.statuses import StatusReader
from oof.ports.system import Clock, unix_now

FRESH_FOR_S: Final = 600
"""Tail repair looks at every wallet each two minutes: five looks missed are no accident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDeps:
    """What reading statuses needs."""

    statuses: StatusReader
    clock: Clock
    fresh_for_s: int = FRESH_FOR_S
    """How long ago the newest end of a fresh wallet may have been looked at."""


class WalletStatus(NamedTuple):
    """How one wallet stands."""

    wallet: Address
    standing: Standing | None
    """None where it was never opened."""
    judgement: Judgement


def read_statuses(deps: StatusDeps, wallets: Sequence[Address]) -> tuple[WalletStatus, ...]:
    """Return each wallet once, in the order in which it is first named."""
    asked = tuple(dict.fromkeys(wallets))
    now = unix_now(deps.clock)
    found = deps.statuses.standings(asked)
    return tuple(
        WalletStatus(
            wallet,
            found.get(wallet),
            judge(found.get(wallet), now=now, fresh_for_s=deps.fresh_for_s),
        )
        for wallet in asked
    )
