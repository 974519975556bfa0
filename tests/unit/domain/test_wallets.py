"""The state machine of wallets, every pair of state and event."""

import itertools

import pytest

from oof.domain.snapshot.model import WalletState as S
from oof.domain.units import UnixSeconds
from oof.domain.wallets import (
    CLOSED,
    RETRY_AFTER_S,
    SETTLED,
    TRANSITIONS,
    failed,
    folded,
    next_state,
)
from oof.domain.wallets import WalletEvent as E

CHANGES = {
    (S.UNSEEN, E.OPENED): S.WARMING_UP,
    (S.WARMING_UP, E.REFUSED): S.REFUSED,
    (S.WARMING_UP, E.FOUND_TOO_ACTIVE): S.TOO_ACTIVE,
    (S.WARMING_UP, E.FOLDED_PARTLY): S.SEEN_PARTIAL,
    (S.WARMING_UP, E.FOLDED_FULLY): S.SEEN_FULL,
    (S.WARMING_UP, E.FOLD_BLOCKED): S.BLOCKED,
    (S.WARMING_UP, E.WENT_UNREAD): S.UNTRACKED,
    (S.SEEN_PARTIAL, E.FOLDED_FULLY): S.SEEN_FULL,
    (S.SEEN_PARTIAL, E.FOLD_BLOCKED): S.BLOCKED,
    (S.SEEN_PARTIAL, E.WENT_UNREAD): S.UNTRACKED,
    (S.SEEN_FULL, E.FOLDED_PARTLY): S.SEEN_PARTIAL,
    (S.SEEN_FULL, E.FOLD_BLOCKED): S.BLOCKED,
    (S.SEEN_FULL, E.WENT_UNREAD): S.UNTRACKED,
    (S.BLOCKED, E.UNBLOCKED): S.SEEN_PARTIAL,
    (S.UNTRACKED, E.OPENED): S.WARMING_UP,
}


@pytest.mark.parametrize(("state", "event"), list(itertools.product(S, E)))
def test_every_pair_has_its_answer(state, event):
    """The listed changes happen; every other event leaves the state as it is."""
    assert next_state(state, event) is CHANGES.get((state, event), state)


def test_every_state_is_in_the_table():
    """No state is forgotten, and no entry changes nothing."""
    assert set(TRANSITIONS) == set(S)
    assert all(after is not state for state, row in TRANSITIONS.items() for after in row.values())


def test_every_state_can_be_reached():
    """From unseen, some sequence of events leads to each."""
    reached = {S.UNSEEN}
    while True:
        further = {next_state(state, event) for state in reached for event in E} - reached
        if not further:
            break
        reached |= further
    assert reached == set(S)


def test_closed_states_are_final_and_settled_ones_are_not():
    """What is refused or too active stays; what is served goes on."""
    assert all(not TRANSITIONS[state] for state in CLOSED)
    assert all(TRANSITIONS[state] for state in SETTLED)


@pytest.mark.parametrize(("complete", "event"), [(True, E.FOLDED_FULLY), (False, E.FOLDED_PARTLY)])
def test_a_fold_is_full_when_all_is_listed(complete, event):
    """Completeness of the listings decides what a folded chunk means."""
    assert folded(complete=complete) is event


def test_a_failure_says_when_to_try_again_only_where_that_helps():
    """A permanent failure has no time of retry."""
    assert (
        failed("upstream_unavailable", at=UnixSeconds(100), retryable=True).retry_at
        == 100 + RETRY_AFTER_S
    )
    assert failed("upstream_rejected", at=UnixSeconds(100), retryable=False).retry_at is None
