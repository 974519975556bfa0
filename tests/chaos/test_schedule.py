"""The storm as drawn: the same for the same seed, and with everything in it."""

from collections import Counter

import pytest

from local.chaos.schedule import EXCLUSIVE, Disruption, Fate, draw
from local.chaos.setting import Setting

SETTING = Setting(seed=3, deliveries=300, wallets=10)


def test_a_seed_draws_one_storm():
    """Twice the same from one seed, another from another."""
    assert draw(SETTING) == draw(SETTING)
    assert draw(SETTING) != draw(Setting(seed=4, deliveries=300, wallets=10))


@pytest.mark.parametrize("deliveries", [100, 300, 2_000])
def test_a_storm_has_every_fate_and_every_disruption(deliveries: int):
    """Even a small one leaves nothing out."""
    schedule = draw(Setting(deliveries=deliveries, wallets=10))

    assert set(schedule.fates) == set(Fate)
    assert {event.kind for turn in schedule.turns for event in turn.events} == set(Disruption)
    assert deliveries <= schedule.deliveries <= deliveries + 2


def test_a_transaction_is_told_as_its_fate_says():
    """Withheld ones never, repeated ones two or three times, all others once."""
    schedule = draw(SETTING)
    told = Counter(at for turn in schedule.turns for post in turn.posts for at in post.transactions)

    for at, fate in enumerate(schedule.fates):
        if fate is Fate.WITHHELD:
            assert at not in told
        elif fate is Fate.REPEATED:
            assert told[at] in {2, 3}
        else:
            assert told[at] == 1


def test_nothing_is_told_before_it_happens():
    """A post names transactions of its own turn and earlier ones; late ones come behind others."""
    schedule = draw(SETTING)
    happened = 0
    late = 0
    for turn in schedule.turns:
        before, happened = happened, happened + len(turn.wallets)
        for post in turn.posts:
            assert max(post.transactions) < happened
            late += max(post.transactions) < before
    assert late > 0
    assert happened == len(schedule.fates)


def test_the_outage_leaves_posts_to_pour_in():
    """While Postgres is down for long, more than half of the storm is still to come."""
    schedule = draw(Setting(deliveries=2_000, wallets=10))
    kinds = [event.kind for turn in schedule.turns for event in turn.events]
    (at,) = [
        place
        for place, turn in enumerate(schedule.turns)
        for event in turn.events
        if event.kind is Disruption.OUTAGE
    ]

    assert at < len(schedule.turns) / 2
    assert set(kinds) >= EXCLUSIVE
