"""What a wallet's vector says, and that it depends on what happened alone."""

import math
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.similarity.codec import MAX_BYTES, decode_vector, encode_vector
from oof.domain.similarity.features import (
    KEPT_MINTS,
    MIN_PURCHASES,
    NAMED_SHARES,
    sample_key,
    vector_of,
    year_of,
)
from oof.domain.similarity.model import ALL_KEPT, ShareUnit
from tests.support.vectors import (
    T0,
    Bought,
    hours_of,
    mint,
    purchases_of,
    some_traits,
    traits,
    vector,
)

FEW = [Bought(token, token * 60, sol=1 + token) for token in range(MIN_PURCHASES)]
BOUGHT = st.lists(
    st.builds(
        Bought,
        st.integers(0, 100),
        st.integers(-300 * 86_400, 0),
        st.integers(1, 50).map(float),
    ),
    min_size=MIN_PURCHASES,
    max_size=80,
)


@settings(max_examples=30)
@given(BOUGHT, st.randoms(use_true_random=False))
def test_the_order_of_purchases_does_not_matter(bought, random):
    """Nor does the order in which tokens are told."""
    shuffled = random.sample(bought, len(bought))

    assert encode_vector(vector(bought)) == encode_vector(vector(shuffled))


@settings(max_examples=30)
@given(BOUGHT)
def test_a_vector_is_small_and_comes_back_from_its_bytes(bought):
    """Whatever is in it."""
    made = vector(bought, some_traits(0.5))
    data = encode_vector(made)

    assert len(data) < MAX_BYTES
    assert decode_vector(data) == made
    assert math.isclose(sum(made.shares) + made.rest, 1, rel_tol=1e-5)


def test_the_largest_vector_is_small():
    """More tokens than are kept, at any hour of any day."""
    made = vector([Bought(n, -n * 30_011, 1 + n) for n in range(1_000)], some_traits(0.123))

    assert (len(made.shares), len(made.first_mints)) == (NAMED_SHARES, KEPT_MINTS)
    assert made.mints == 1_000
    assert len(encode_vector(made)) < MAX_BYTES


def test_every_wallet_keeps_the_same_tokens_by_preference():
    """Those kept of many are those with the lowest keys, and the limit says how far."""
    many = vector([Bought(n, n) for n in range(600)])
    keys = sorted(sample_key(mint(n)) for n in range(600))

    assert list(many.first_keys) == keys[:KEPT_MINTS]
    assert many.sample_limit == keys[KEPT_MINTS]
    assert vector(FEW).sample_limit == ALL_KEPT


def test_shares_are_of_dollars_where_sol_has_a_price():
    """Dollars and SOL add up; the largest share is first."""
    paid = [
        each._replace(
            mint_number=number,
            lamports=0 if number else 10**9,
            lamport_dollars=Decimal(0) if number else Decimal(100) * 10**9,
            micros=number * 100 * 10**6,
        )
        for number, each in enumerate(purchases_of(FEW)[:3])
    ]
    told = [*paid, paid[0]._replace(mint_number=9, mint=mint(99), purchases=20)]
    told[-1] = told[-1]._replace(lamport_dollars=Decimal(0), lamports=0)
    made = vector_of(told, hours_of(FEW), traits())

    assert made is not None
    assert made.unit is ShareUnit.USD
    assert dict(zip(made.share_mints, made.shares, strict=True)) == {
        0: pytest.approx(0.25),
        1: pytest.approx(0.25),
        2: pytest.approx(0.5),
    }


def test_shares_are_of_sol_where_it_has_no_price():
    """What was paid in dollars is left out then."""
    told = [each._replace(lamport_dollars=Decimal(0)) for each in purchases_of(FEW)]
    told.append(told[0]._replace(mint_number=77, mint=mint(77), lamports=0, micros=5 * 10**6))
    made = vector_of(told, hours_of(FEW), traits())

    assert made is not None
    assert made.unit is ShareUnit.SOL
    assert 77 not in made.share_mints


def test_too_few_purchases_make_no_vector():
    """One less than enough is none."""
    assert vector_of(purchases_of(FEW[1:]), hours_of(FEW), traits()) is None
    assert vector_of(purchases_of(FEW), {}, traits()) is None


def test_the_week_begins_on_monday():
    """2025-06-15 was a Sunday, 15:06 UTC."""
    made = vector([each._replace(after=each.after % 60) for each in FEW])

    assert [hour for hour, count in enumerate(made.hours) if count] == [6 * 24 + 15]
    assert int.from_bytes(made.days, "little") == 1 << 364
    assert made.first_day == year_of(T0).start


def test_another_version_is_refused():
    """Its parts may mean something else."""
    with pytest.raises(ValueError, match="version 99"):
        decode_vector(encode_vector(replace(vector(FEW), version=99)))
