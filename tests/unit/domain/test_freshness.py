"""What makes a wallet fresh, stale, or missing."""

import pytest

from oof.domain.freshness import Freshness, FreshnessReason, Standing, judge
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Slot, UnixSeconds

NOW = UnixSeconds(1_750_000_000)
GOOD = Standing(
    state=WalletState.SEEN_FULL,
    as_of_slot=Slot(5),
    checked_at=UnixSeconds(NOW - 60),
    is_applying=False,
    is_folding=False,
    is_valuing=False,
    is_history_partial=False,
)


def judged(standing):
    """Judge with ten minutes' patience."""
    return judge(standing, now=NOW, fresh_for_s=600)


@pytest.mark.parametrize("state", [WalletState.SEEN_FULL, WalletState.SEEN_PARTIAL])
def test_a_settled_wallet_that_was_looked_at_is_fresh(state):
    """Be its history whole or not, up to the last second of the patience."""
    standing = GOOD._replace(
        state=state, checked_at=UnixSeconds(NOW - 600), is_history_partial=True
    )

    assert judged(standing) == (Freshness.FRESH, None, 600)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"checked_at": NOW - 601}, FreshnessReason.OUTDATED),
        ({"checked_at": None}, FreshnessReason.OUTDATED),
        ({"is_valuing": True}, FreshnessReason.VALUING),
        ({"is_valuing": True, "is_folding": True}, FreshnessReason.FOLDING),
        ({"is_folding": True, "is_applying": True}, FreshnessReason.APPLYING),
        ({"is_applying": True, "state": WalletState.WARMING_UP}, FreshnessReason.WARMING_UP),
        ({"state": WalletState.BLOCKED}, FreshnessReason.BLOCKED),
        ({"state": WalletState.UNTRACKED}, FreshnessReason.UNTRACKED),
    ],
)
def test_a_stale_wallet_says_why(changes, reason):
    """Of several reasons the one that is furthest from being fresh."""
    found = judged(GOOD._replace(**changes))

    assert (found.freshness, found.reason) == (Freshness.STALE, reason)


@pytest.mark.parametrize("state", [WalletState.REFUSED, WalletState.TOO_ACTIVE])
def test_nothing_is_stored_of_who_is_not_followed(state):
    """Which is not for want of opening it."""
    found = judged(GOOD._replace(state=state))

    assert (found.freshness, found.reason) == (Freshness.MISSING, FreshnessReason(state.lower()))


def test_a_wallet_nobody_opened_is_missing():
    """And has no lag."""
    assert judged(None) == (Freshness.MISSING, FreshnessReason.NEVER_OPENED, None)
    assert set(WalletState) - {WalletState.SEEN_FULL, WalletState.SEEN_PARTIAL} == {
        state for state in WalletState if judged(GOOD._replace(state=state)).reason
    }
