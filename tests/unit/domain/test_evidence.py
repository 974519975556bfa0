"""What tells that a wallet moved, and what makes its listing due."""

from collections import Counter

import pytest

from oof.domain.evidence import (
    AUDIT_EVERY_S,
    MISSING_EVERY_S,
    TOKENS_EVERY_S,
    LastBalance,
    Reason,
    evidence_of,
    is_due,
    is_silent,
    moment_before,
    reason_to_list,
    unseen_of,
)
from oof.domain.units import RawAmount, UnixSeconds
from tests.support.transactions import address

ANN, ACCOUNT = address("ann"), address("ann's account")
NOW = UnixSeconds(1_770_000_000)
KNOWN = (LastBalance(ANN, RawAmount(500)), LastBalance(ACCOUNT, RawAmount(7)))


@pytest.mark.parametrize(
    ("held", "has_moved"), [((500, 7), False), ((501, 7), True), ((500, 8), True), ((0, 0), True)]
)
def test_a_wallet_moved_where_any_account_holds_other_than_known(held, has_moved):
    """Whatever differs, and the digest says what it is."""
    evidence = evidence_of(KNOWN, dict(zip((ANN, ACCOUNT), held, strict=True)))

    assert (evidence is not None) is has_moved
    assert evidence != evidence_of(KNOWN, {ANN: 99, ACCOUNT: 7})


def test_a_guessed_balance_moved_where_it_is_none_of_those_it_may_be():
    """The order within its slot is not known, so any of the slot's balances is as expected."""
    guessed = (LastBalance(ANN, RawAmount(500), (RawAmount(300), RawAmount(400))),)

    assert all(evidence_of(guessed, {ANN: n}) is None for n in (300, 400, 500))
    assert evidence_of(guessed, {ANN: 450}) not in {None, evidence_of(guessed, {ANN: 451})}


@pytest.mark.parametrize("every_s", [TOKENS_EVERY_S, AUDIT_EVERY_S])
def test_moments_come_once_a_period_and_are_spread(every_s):
    """Of a thousand wallets no twelfth of the period has more than twice its share."""
    wallets = [address(f"wallet {n}") for n in range(1_000)]
    moments = [moment_before(w, NOW, every_s=every_s) for w in wallets]

    assert all(NOW - every_s < moment <= NOW for moment in moments)
    assert all(
        moment_before(w, UnixSeconds(moment + every_s - 1), every_s=every_s) == moment
        and moment_before(w, UnixSeconds(moment + every_s), every_s=every_s) == moment + every_s
        for w, moment in zip(wallets, moments, strict=True)
    )
    assert max(Counter((NOW - m) * 12 // every_s for m in moments).values()) < 2 * 1_000 / 12


def test_a_wallet_is_due_once_its_moment_came():
    """What was done at the moment itself counts for it."""
    moment = moment_before(ANN, NOW, every_s=AUDIT_EVERY_S)

    assert is_due(ANN, None, NOW, every_s=AUDIT_EVERY_S)
    assert is_due(ANN, UnixSeconds(moment - 1), NOW, every_s=AUDIT_EVERY_S)
    assert not is_due(ANN, moment, NOW, every_s=AUDIT_EVERY_S)


@pytest.mark.parametrize(
    ("ago", "has_missing", "outage_ago", "reason"),
    [
        (None, False, None, Reason.AUDIT),
        (1, False, None, None),
        (1, True, None, None),
        (MISSING_EVERY_S, True, None, Reason.MISSING),
        (MISSING_EVERY_S, True, 5, Reason.MISSING),
        (10, False, 5, Reason.OUTAGE),
        (5, False, 5, None),
        (AUDIT_EVERY_S, False, None, Reason.AUDIT),
        (AUDIT_EVERY_S, False, 5, Reason.OUTAGE),
    ],
)
def test_a_listing_is_due_for_what_no_look_can_tell(ago, has_missing, outage_ago, reason):
    """Missing bodies by the hour, an outage since, the day; the most urgent is said."""
    now = UnixSeconds(moment_before(ANN, NOW, every_s=AUDIT_EVERY_S) + 2 * MISSING_EVERY_S)
    found = reason_to_list(
        ANN,
        listed_at=None if ago is None else UnixSeconds(now - ago),
        has_missing=has_missing,
        outage_ended_at=None if outage_ago is None else UnixSeconds(now - outage_ago),
        now=now,
    )

    assert found is reason


def test_what_may_be_unseen_is_dated():
    """A look rules out what known token accounts did, only a listing what others did."""
    later = UnixSeconds(NOW + TOKENS_EVERY_S)
    unlisted = ("unlisted_token_accounts", NOW, AUDIT_EVERY_S)

    assert unseen_of(listed_at=None, tokens_at=None) == ()
    for tokens_at, since in ((None, NOW), (UnixSeconds(NOW - 1), NOW), (later, later)):
        known = ("token_accounts", since, TOKENS_EVERY_S)
        assert unseen_of(listed_at=NOW, tokens_at=tokens_at) == (known, unlisted)


@pytest.mark.parametrize(
    ("heard_ago", "moved", "silent"),
    [(None, 9, False), (599, 9, False), (600, 2, False), (600, 3, True)],
)
def test_silence_is_no_delivery_while_several_wallets_moved(heard_ago, moved, silent):
    """A webhook that never delivered cannot fall silent."""
    heard_at = None if heard_ago is None else UnixSeconds(NOW - heard_ago)

    assert is_silent(heard_at, NOW, moved=moved, after_s=600) is silent
