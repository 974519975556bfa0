"""Whether what is stored of a wallet can be used as it is: FRESH, STALE, or MISSING.

MISSING: nothing is stored of it. STALE: something is, but it is not all there is, or nobody looked
for so long that there may be more. FRESH: else. A wallet whose history is known in part alone may
be fresh: its newest end is what counts here.
"""

from enum import StrEnum
from typing import NamedTuple

from oof.domain.snapshot.model import WalletState
from oof.domain.units import Slot, UnixSeconds


class Freshness(StrEnum):
    """Of what is stored of a wallet."""

    FRESH = "FRESH"
    STALE = "STALE"
    MISSING = "MISSING"


class FreshnessReason(StrEnum):
    """Why a wallet is not fresh; of several the first here."""

    NEVER_OPENED = "never_opened"
    """Reading its summary opens it."""
    REFUSED = "refused"
    """It is no wallet, and opening it again changes nothing."""
    TOO_ACTIVE = "too_active"
    """It is not followed, and opening it again changes nothing."""
    BLOCKED = "blocked"
    """Its fold keeps failing; an operator has to look."""
    UNTRACKED = "untracked"
    """Nobody read it for days; reading its summary opens it again."""
    WARMING_UP = "warming_up"
    """Its first transactions are on their way."""
    APPLYING = "applying"
    """Transactions of it are stored that nothing counts yet."""
    FOLDING = "folding"
    """Transactions are counted that its positions do not know yet."""
    VALUING = "valuing"
    """Positions have changed and are not worked out in dollars yet."""
    OUTDATED = "outdated"
    """Its newest end was looked at too long ago, or never."""


class Standing(NamedTuple):
    """How a tracked wallet stands, as read at one instant."""

    state: WalletState
    """BLOCKED where it is."""
    as_of_slot: Slot | None
    """Its newest transaction that is counted."""
    checked_at: UnixSeconds | None
    """When its newest end was last confirmed."""
    is_applying: bool
    is_folding: bool
    is_valuing: bool
    is_history_partial: bool


class Judgement(NamedTuple):
    """What a standing comes to."""

    freshness: Freshness
    reason: FreshnessReason | None
    """None where it is fresh."""
    lag_s: int | None
    """Seconds since its newest end was last confirmed; None before the first time."""


_BY_STATE = {
    WalletState.UNSEEN: (Freshness.MISSING, FreshnessReason.NEVER_OPENED),
    WalletState.REFUSED: (Freshness.MISSING, FreshnessReason.REFUSED),
    WalletState.TOO_ACTIVE: (Freshness.MISSING, FreshnessReason.TOO_ACTIVE),
    WalletState.BLOCKED: (Freshness.STALE, FreshnessReason.BLOCKED),
    WalletState.UNTRACKED: (Freshness.STALE, FreshnessReason.UNTRACKED),
    WalletState.WARMING_UP: (Freshness.STALE, FreshnessReason.WARMING_UP),
}


def judge(standing: Standing | None, *, now: UnixSeconds, fresh_for_s: int) -> Judgement:
    """Return what a standing comes to; None stands for a wallet that was never opened."""
    if standing is None:
        return Judgement(Freshness.MISSING, FreshnessReason.NEVER_OPENED, None)
    checked_at = standing.checked_at
    lag_s = None if checked_at is None else max(now - checked_at, 0)
    by_state = _BY_STATE.get(standing.state)
    if by_state is not None:
        return Judgement(*by_state, lag_s)
    reasons = (
        (standing.is_applying, FreshnessReason.APPLYING),
        (standing.is_folding, FreshnessReason.FOLDING),
        (standing.is_valuing, FreshnessReason.VALUING),
        (lag_s is None or lag_s > fresh_for_s, FreshnessReason.OUTDATED),
    )
    reason = next((reason for holds, reason in reasons if holds), None)
    return Judgement(Freshness.STALE if reason else Freshness.FRESH, reason, lag_s)
