"""Changing what deliveries carry turns none of them away."""

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.rotation import DRAINED_AFTER_S, LEARNT_AFTER_S, DeliverySecret, advance
from oof.domain.units import UnixSeconds
from oof.entrypoints.webhook import SECRET_TTL_S

NOW = UnixSeconds(1_770_000_000)
OLD = DeliverySecret(accepted=("old",))


def step(secret, now=NOW, *, is_asked=False, are_all_put=True, fresh="new"):
    """One step of the rotation."""
    return advance(secret, is_asked=is_asked, fresh=fresh, are_all_put=are_all_put, now=now)


def test_nothing_changes_unasked():
    """A secret that stands stays."""
    assert step(OLD) is OLD


def test_a_new_value_is_accepted_before_it_is_used():
    """Announced, both are accepted and webhooks are still put with the old one."""
    announced = step(OLD, is_asked=True)

    assert announced.accepted == ("old", "new")
    assert announced.current == "old"
    assert step(announced, UnixSeconds(NOW + LEARNT_AFTER_S - 1)) is announced


def test_an_old_value_is_accepted_until_all_webhooks_carry_the_new_one():
    """However long that takes, and a while longer for what is under way."""
    switched = step(step(OLD, is_asked=True), UnixSeconds(NOW + LEARNT_AFTER_S))
    late = UnixSeconds(NOW + LEARNT_AFTER_S + DRAINED_AFTER_S)

    assert switched.accepted == ("new", "old")
    assert switched.current == "new"
    assert step(switched, UnixSeconds(late - 1)) is switched
    assert step(switched, late, are_all_put=False) is switched
    assert step(switched, late) == DeliverySecret(accepted=("new",))


def test_a_first_value_is_made_without_being_asked_for():
    """A stage is born with none; the first is used once every receiver knows it."""
    born = step(DeliverySecret(accepted=()))

    assert (born.accepted, born.current) == (("new",), None)
    known = step(born, UnixSeconds(NOW + LEARNT_AFTER_S))
    assert known.current == "new"
    assert step(known, UnixSeconds(NOW + 10_000)) == DeliverySecret(accepted=("new",))


def test_asking_again_while_a_change_is_under_way_changes_nothing():
    """The value announced first is the one brought in."""
    announced = step(OLD, is_asked=True)

    assert step(announced, is_asked=True, fresh="newer") is announced


def test_a_third_value_left_by_hand_is_dropped_with_the_next_change():
    """At most two are ever accepted by a change of ours."""
    assert step(DeliverySecret(accepted=("old", "older")), is_asked=True).accepted == ("old", "new")


def test_receivers_have_read_the_secret_again_before_a_new_value_is_used():
    """The wait is a multiple of how long one keeps it."""
    assert LEARNT_AFTER_S >= 2 * SECRET_TTL_S


@given(st.lists(st.tuples(st.integers(1, 700), st.booleans(), st.booleans()), max_size=60))
def test_whatever_a_webhook_carries_is_accepted_by_every_receiver(steps):
    """At every moment: by one that read the secret just now, and by one that did a minute ago."""
    secret, now = OLD, NOW
    history = [(now, secret)]
    carried: set[str | None] = {"old"}
    for seconds, is_asked, are_all_put in steps:
        now = UnixSeconds(now + seconds)
        put = secret.current
        secret = step(secret, now, is_asked=is_asked, are_all_put=are_all_put, fresh=f"new {now}")
        history.append((now, secret))
        if are_all_put:
            carried = {put}
        carried.add(secret.current)
        stale = [each for at, each in history if at <= now - SECRET_TTL_S] or [OLD]
        assert carried <= set(secret.accepted)
        assert carried <= set(stale[-1].accepted)
