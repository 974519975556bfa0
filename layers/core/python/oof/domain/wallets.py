"""The states of a wallet, and the only ways between them.

::

    UNSEEN ──opened──► WARMING_UP ──first chunk folded──► SEEN_PARTIAL ◄──► SEEN_FULL
                           │  │                                │              │
                    refused│  │too active                      └──unread──────┴──► UNTRACKED ─┐
                           ▼  ▼                                                               │
                      REFUSED TOO_ACTIVE        WARMING_UP ◄──────────────opened──────────────┘

`BLOCKED` is reached from any state that folds, when the fold keeps failing, and left for
`SEEN_PARTIAL`, from where the next chunk decides. A failure is no transition: it keeps the state
and sets `last_error`. Every pair of state and event has its entry, so a step that comes late or
twice changes nothing instead of failing.
"""

from enum import StrEnum
from typing import Final

from oof.domain.snapshot.model import LastError, WalletState
from oof.domain.units import UnixSeconds

RETRY_AFTER_S: Final = 60
"""How long a failed wallet rests before the next attempt is due."""


class WalletEvent(StrEnum):
    """What happens to a wallet."""

    OPENED = "opened"
    """Somebody asked for it."""
    REFUSED = "refused"
    """The guard found no wallet at this address."""
    FOUND_TOO_ACTIVE = "found_too_active"
    FOLDED_PARTLY = "folded_partly"
    """A chunk is folded, and some listing did not reach its end."""
    FOLDED_FULLY = "folded_fully"
    """A chunk is folded, and every listing reached its end."""
    FOLD_BLOCKED = "fold_blocked"
    UNBLOCKED = "unblocked"
    WENT_UNREAD = "went_unread"


_S = WalletState
_E = WalletEvent

TRANSITIONS: Final[dict[WalletState, dict[WalletEvent, WalletState]]] = {
    _S.UNSEEN: {_E.OPENED: _S.WARMING_UP},
    _S.WARMING_UP: {
        _E.REFUSED: _S.REFUSED,
        _E.FOUND_TOO_ACTIVE: _S.TOO_ACTIVE,
        _E.FOLDED_PARTLY: _S.SEEN_PARTIAL,
        _E.FOLDED_FULLY: _S.SEEN_FULL,
        _E.FOLD_BLOCKED: _S.BLOCKED,
        _E.WENT_UNREAD: _S.UNTRACKED,
    },
    _S.SEEN_PARTIAL: {
        _E.FOLDED_FULLY: _S.SEEN_FULL,
        _E.FOLD_BLOCKED: _S.BLOCKED,
        _E.WENT_UNREAD: _S.UNTRACKED,
    },
    _S.SEEN_FULL: {
        _E.FOLDED_PARTLY: _S.SEEN_PARTIAL,
        _E.FOLD_BLOCKED: _S.BLOCKED,
        _E.WENT_UNREAD: _S.UNTRACKED,
    },
    _S.REFUSED: {},
    _S.TOO_ACTIVE: {},
    _S.BLOCKED: {_E.UNBLOCKED: _S.SEEN_PARTIAL},
    _S.UNTRACKED: {_E.OPENED: _S.WARMING_UP},
}
"""The changes; a pair that is not listed keeps its state."""

SETTLED: Final = frozenset({_S.SEEN_PARTIAL, _S.SEEN_FULL})
"""States in which a wallet is served and its tail is repaired."""

CLOSED: Final = frozenset({_S.REFUSED, _S.TOO_ACTIVE})
"""States that opening again does not leave, and that spend nothing."""


def next_state(state: WalletState, event: WalletEvent) -> WalletState:
    """Return the state after `event`; the same one where the event changes nothing."""
    return TRANSITIONS[state].get(event, state)


def folded(*, complete: bool) -> WalletEvent:
    """Return the event of a folded chunk."""
    return WalletEvent.FOLDED_FULLY if complete else WalletEvent.FOLDED_PARTLY


def failed(code: str, *, at: UnixSeconds, retryable: bool) -> LastError:
    """Return what a failure leaves on the wallet: `retry_at` only where trying again can help."""
    retry_at = UnixSeconds(at + RETRY_AFTER_S) if retryable else None
    return LastError(code=code, at=at, retry_at=retry_at)
