"""Which bodies are doubted, and what the node's answer means."""

import random
from copy import deepcopy
from pathlib import Path

import pytest

from local.fuzz.mutation import mutate
from oof.app.read_batch import Arrived, read_batch
from oof.domain.doubt import (
    DIGEST_BYTES,
    Doubt,
    Doubted,
    Mark,
    Outcome,
    adds_up,
    broken_from,
    doubt_of,
    facts_digest,
    outcome_of,
)
from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.model import NORMALIZER_VERSION, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import RawAmount, Slot, UnixSeconds
from tests.checker.bodies import read_lines
from tests.checker.recorded import chain_folder, recorded_files
from tests.exactly_once.histories import generated_history
from tests.support.transactions import address, balance, signature, transaction

META = {"preBalances": [100, 7], "postBalances": [80, 22], "fee": 5, "rewards": []}
ANN = address("ann")


@pytest.mark.parametrize(
    ("change", "holds"),
    [
        ({}, True),
        ({"rewards": None}, True),
        ({"fee": 6}, False),
        ({"postBalances": [81, 22]}, False),
        ({"fee": None}, False),
        ({"fee": "5"}, False),
        ({"preBalances": None}, False),
        ({"postBalances": [80, "22"]}, False),
        ({"rewards": [None]}, False),
        ({"rewards": {"lamports": 0}}, False),
        ({"rewards": [{"lamports": "0"}]}, False),
        ({"postBalances": [79, 22], "rewards": [{"lamports": -1, "rewardType": "Rent"}]}, True),
    ],
)
def test_only_the_fee_leaves_the_accounts(change, holds):
    """Rent that was collected within a transaction, as long ago, is said among its rewards."""
    assert adds_up(META | change) is holds


@pytest.mark.chain
@pytest.mark.parametrize("name", recorded_files())
def test_every_recorded_body_adds_up(name):
    """It holds for every transaction of the chain that was recorded here."""
    found = 0
    for line in read_lines(chain_folder() / name):
        for body in read_bodies(line):
            if isinstance(body, dict) and isinstance(body.get("meta"), dict):
                assert adds_up(body["meta"])
                found += 1
    assert found


@pytest.mark.parametrize("share", [0, 100, 2_500, 10_000])
def test_a_sample_is_as_large_as_said_and_always_the_same(share):
    """Of ten thousand signatures about so many, whoever asks and whenever."""
    signatures = [signature(f"s{n}") for n in range(2_000)]
    sampled = [
        s for s in signatures if doubt_of(s, {"meta": META}, sample_per_10k=share) is Doubt.SAMPLED
    ]

    assert abs(len(sampled) - share / 5) <= 0.4 * share / 5
    wider = {s for s in signatures if doubt_of(s, {"meta": META}, sample_per_10k=share + 100)}
    assert set(sampled) <= wider


def test_what_does_not_add_up_is_doubted_whatever_the_sample():
    """Even where nothing is sampled."""
    wrong = {"meta": META | {"fee": 9}}

    assert doubt_of(signature("s"), wrong, sample_per_10k=0) is Doubt.LAMPORTS


def facts_of(body):
    """The facts of a body."""
    facts = normalize(body)
    assert isinstance(facts, NormalizedTransaction)
    return facts


def test_encodings_of_one_body_have_one_digest():
    """A webhook's and the node's; time and index, which one may lack, are compared apart."""
    for bodies in generated_history(5, 4).bodies.values():
        rich = facts_of(bodies.rich)
        assert facts_digest(rich) == facts_digest(facts_of(bodies.poor))

        other = deepcopy(bodies.rich)
        other["meta"]["postBalances"][0] += 1
        assert facts_digest(facts_of(other)) != facts_digest(rich)


def told(**changes):
    """A transaction as the node tells it."""
    made = transaction("s0", payer=ANN, slot=5, balances=(balance(ANN, 9, 8),))
    return made._replace(**{"block_time": 50, "tx_index": 3, **changes})


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.SAME),
        ({"block_time": None, "tx_index": None}, Outcome.SAME),
        ({"block_time": 51}, Outcome.FALSE),
        ({"tx_index": 4}, Outcome.FALSE),
        ({"slot": Slot(6)}, Outcome.FALSE),
        ({"fee_lamports": 1}, Outcome.FALSE),
        ({"balances": (balance(ANN, 9, 7),)}, Outcome.FALSE),
    ],
)
def test_answers_are_compared_by_their_facts(changes, outcome):
    """What only one of the two tells is no difference."""
    said = told()
    time = UnixSeconds(50)
    doubted = Doubted(1, said.signature, facts_digest(said), NORMALIZER_VERSION, time, 3)

    assert outcome_of(doubted, told(**changes)) is outcome


def test_another_normalizers_facts_are_replaced_without_a_word():
    """They cannot be compared; the node's body is as good as any."""
    said = told()
    doubted = Doubted(1, said.signature, facts_digest(said), NORMALIZER_VERSION - 1, None, None)

    assert outcome_of(doubted, said) is Outcome.REPLACED


def mark(tx_id, slot, pre, post):
    """What a transaction says of an account."""
    return Mark(tx_id, Slot(slot), RawAmount(pre), RawAmount(post))


@pytest.mark.parametrize(
    ("others", "broken"),
    [
        ((), set()),
        (((2, 4, 9, 8),), set()),
        (((2, 4, 9, 7),), {2}),
        (((2, 4, 9, 7), (3, 3, 1, 8)), {2}),
        (((2, 4, 9, 7), (3, 4, 7, 8)), set()),
        (((2, 4, 9, 7), (3, 5, 7, 8)), set()),
        (((2, 4, 9, 7), (3, 5, 7, 6)), {2, 3}),
        (((2, 6, 9, 7),), set()),
        (((3, 5, 7, 6),), set()),
    ],
)
def test_a_body_goes_on_from_its_own_slot_or_the_nearest_before(others, broken):
    """Later ones and those further back say nothing; without an earlier one nothing can be said."""
    own = mark(1, 5, 8, 2)

    assert broken_from(own, [own, *(mark(*other) for other in others)]) == broken


def test_spoiled_bodies_can_be_doubted():
    """Whatever a webhook makes up that can be read at all has a doubt and a digest."""
    source = random.Random(5)
    corpus = sorted((Path(__file__).resolve().parents[2] / "fuzz_corpus").glob("*.json"))
    doubted = read = 0
    for _ in range(600):
        text = mutate(source.choice(corpus).read_bytes(), 65_536, source.getrandbits(32))
        for item in read_batch(Arrived(text, "webhook")).complete:
            read += 1
            doubted += doubt_of(item.transaction.signature, item.body, sample_per_10k=0) is not None
            assert len(facts_digest(item.transaction)) == DIGEST_BYTES
    assert read > doubted > 10
