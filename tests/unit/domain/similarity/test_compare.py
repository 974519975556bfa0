"""How alike wallets are: the laws of every score, and what is found of planted pairs."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.similarity.compare import compare
from oof.domain.similarity.measures import MIN_SHARED, Population
from oof.domain.similarity.model import LEAST_LIKENESS
from oof.domain.similarity.nearest import nearest
from tests.support.vectors import Bought, some_traits, traits, vector

PURCHASE = st.builds(
    Bought,
    st.integers(0, 30),
    st.integers(-100 * 86_400, 0),
    st.integers(1, 50).map(float),
)
WALLET = st.builds(
    lambda bought, values: vector(bought, traits(values)),
    st.lists(PURCHASE, min_size=10, max_size=40),
    st.dictionaries(st.integers(0, 20), st.floats(0, 1, width=32), max_size=21),
)
DAY = 86_400


def trader(seed, count=40, tokens=4_000):
    """Somebody who buys at random."""
    chance = random.Random(seed)
    return [
        Bought(chance.randrange(tokens), -chance.randrange(200 * DAY), chance.randrange(1, 30))
        for _ in range(count)
    ]


def follower(seed, of, lag=4):
    """Somebody who buys three quarters of what another does, a little later, and little else."""
    chance = random.Random(seed)
    copied = [each._replace(after=each.after + lag, sol=2) for each in of if chance.random() < 0.75]
    return [*copied, *trader(seed, 4)]


@settings(max_examples=25)
@given(st.lists(WALLET, min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_scores_obey_their_laws(vectors, chance):
    """Symmetric, 1 with oneself, from 0 to 1, and the same wherever a wallet stands."""
    found = compare(vectors).scores
    order = chance.sample(range(len(vectors)), len(vectors))
    moved = compare([vectors[place] for place in order]).scores

    for one, row in enumerate(found):
        for other, scores in enumerate(row):
            assert scores == found[other][one]
            assert all(part is None or 0 <= part <= 1 for part in scores)
            if one == other:
                assert all(part in {None, 1} for part in scores)
    for place, one in enumerate(order):
        for spot, other in enumerate(order):
            assert moved[place][spot] == pytest.approx(found[one][other], abs=1.1e-4)


@settings(max_examples=25)
@given(WALLET, WALLET)
def test_who_led_is_told_from_both_sides(one, other):
    """Turned around, leads and lags change sides, and nothing else changes."""
    population = Population([one, other])
    there: Any = population.entering(0, 1)
    back: Any = population.entering(1, 0)

    assert (there.first_led, there.second_led) == (back.second_led, back.first_led)
    assert there.shared == there.first_led + there.second_led + there.same_slot == back.shared
    assert there.median_gap_s == back.median_gap_s
    assert (there.median_lag_s is None) == (there.shared < MIN_SHARED)
    if there.median_lag_s is not None:
        assert there.median_lag_s == -back.median_lag_s


def test_a_copy_trader_is_told_from_a_stranger():
    """It is a neighbour, follows whom it copies, and shares a cluster with nobody else."""
    leader = trader(1)
    vectors = [vector(each) for each in (trader(2), leader, trader(3), follower(4, leader))]
    found: Any = compare(vectors)

    assert found.scores[1][3].cotrading > 0.6
    assert found.scores[1][3].overall > LEAST_LIKENESS > 2 * found.scores[0][2].overall
    assert [cluster.members for cluster in found.clusters] == [(1, 3)]
    pair = found.pairs[0]
    assert (pair.first, pair.second, pair.leader) == (1, 3, 1)
    assert pair.entering.median_lag_s == 4
    assert pair.entering.within_10s == pair.entering.shared >= 20
    assert all(each.first.slot + 10 == each.second.slot for each in pair.entering.closest)


def test_a_copier_of_some_of_very_many_is_found():
    """Of more tokens than are kept, both keep the same."""
    leader = trader(5, 1_200, 9_000)
    found: Any = compare(
        [vector(leader), vector(follower(6, leader[:500])), vector(trader(7, 400))]
    )

    assert found.scores[0][1].cotrading > 3 * found.scores[0][2].cotrading
    assert found.pairs[0].leader == 0


def test_nobody_follows_who_trades_the_same_hours_later():
    """The same tokens, hours apart, are shared, and no more than that."""
    leader = trader(8)
    found: Any = compare([vector(leader), vector(follower(9, leader, lag=5 * 3_600))])

    assert found.pairs[0].leader is None
    assert found.scores[0][1].cotrading < 0.1
    assert found.tokens[0].holders[0].place == 0


def test_a_small_sample_has_no_score():
    """Two tokens, one day and few traits say nothing; nothing is no zero."""
    tiny = vector([Bought(n % 2, n) for n in range(10)], traits({0: 0.5}))
    found: Any = compare([tiny, vector(trader(1), some_traits(0.5))])

    assert found.scores[0][1] == (None, None, None, None, None)
    assert found.scores[0][0] == (None, None, None, None, None)
    assert found.clusters == ()


def test_traits_alone_say_nothing_of_the_whole():
    """Two that behave alike are not alike until they traded something."""
    same = [vector([Bought(n % 2, n * DAY) for n in range(10)], some_traits(v)) for v in (0.4, 0.4)]
    scores = compare(same).scores[0][1]

    assert (scores.behaviour, scores.timing) == (1, 1)
    assert scores.overall is None


def test_everybody_s_neighbours_are_those_most_like_it():
    """As comparing all with all would say."""
    leaders = [trader(seed) for seed in range(8)]
    vectors = [vector(each) for each in leaders]
    vectors += [vector(follower(100 + n, each)) for n, each in enumerate(leaders)]
    found = dict(nearest(vectors, range(1_000, 1_016)))

    for place in range(8):
        assert found[1_000 + place][0].wallet_id == 1_008 + place
        assert found[1_008 + place][0].wallet_id == 1_000 + place
    whole = compare(vectors).scores
    for one, neighbours in found.items():
        for each in neighbours:
            assert each.scores == whole[one - 1_000][each.wallet_id - 1_000]
            assert each.wallet_id != one


def test_one_wallet_alone_has_no_neighbours():
    """Nor has nobody."""
    assert dict(nearest([vector(trader(1))], [7])) == {7: ()}
    assert dict(nearest([], [])) == {}
