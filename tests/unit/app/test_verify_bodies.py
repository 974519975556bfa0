"""The node's word against a webhook's: what is asked, compared, replaced and told."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import orjson
import pytest

from oof.app.check_bodies import AGAIN_AFTER, TRIES, CheckDeps, check_bodies
from oof.app.read_batch import Arrived
from oof.app.verify_bodies import VerifyDeps, verify_bodies
from oof.domain.doubt import Doubt, Outcome
from oof.domain.snapshot.ledger import LedgerOp
from oof.domain.units import Address
from oof.ports.memory.backfill import MemoryBackfillStore
from oof.ports.memory.doubts import MemoryDoubtStore
from oof.ports.memory.facts_view import MemoryFactsView
from oof.ports.memory.queues import MemoryFetchRequester
from tests.exactly_once.histories import generated_history
from tests.unit.app.test_store_path import Bench

HISTORY = generated_history(5, 4)
SIGNATURE = HISTORY.signatures[0]
TRUE = HISTORY.bodies[SIGNATURE].rich
NODE = HISTORY.bodies[SIGNATURE].poor
PAYER = Address(TRUE["transaction"]["message"]["accountKeys"][0])


def false_body():
    """A body that adds up and is not true."""
    body = deepcopy(TRUE)
    body["meta"]["preBalances"][0] += 7
    body["meta"]["postBalances"][0] += 7
    return body


@pytest.fixture
def world():
    """A store path with its doubts; every body of a webhook is sampled."""
    bench = Bench()
    bench.storing = replace(bench.storing, sample_per_10k=10_000)
    runs = MemoryBackfillStore(MemoryFactsView(bench.facts))
    doubts = MemoryDoubtStore(bench.facts, runs)
    requester = MemoryFetchRequester()
    return SimpleNamespace(
        bench=bench,
        doubts=doubts,
        requester=requester,
        checking=CheckDeps(doubts=doubts, requester=requester, clock=bench.clock),
        verifying=VerifyDeps(doubts=doubts, storing=bench.storing),
    )


def verify(world, *bodies):
    """Deliver what the node answered."""
    return verify_bodies([Arrived(orjson.dumps(bodies), "verify")], deps=world.verifying)


def checks(world):
    """The checks by transaction id."""
    return world.bench.facts.tables.checks


def test_a_true_body_is_asked_for_once_and_stays(world):
    """The sample costs one request; nothing is woken, nothing changes."""
    world.bench.store(TRUE)

    first, again = check_bodies(world.checking), check_bodies(world.checking)
    report = verify(world, NODE)

    assert world.requester.sent == [((SIGNATURE,), "verify", 0)]
    assert (first.asked, again.asked) == (1, 0)
    assert report == (1, 0, (), ())
    assert check_bodies(world.checking).asked == 0
    assert len(world.bench.facts.tables.transactions) == 1


def test_a_false_body_is_quarantined_and_replaced(world):
    """Its row is revoked in the ledger that had it, and both bodies are kept."""
    world.bench.track(PAYER)
    world.bench.store(false_body())
    world.bench.advance(PAYER)

    report = verify(world, NODE)
    world.bench.advance(PAYER)

    assert report == (0, 0, (SIGNATURE,), (PAYER,))
    old, new = world.bench.facts.tables.transactions.values()
    assert (old.revoked, new.revoked) == (True, False)
    assert checks(world)[old.tx_id].outcome is Outcome.FALSE
    assert new.tx_id not in checks(world)
    [ledger] = world.bench.facts.tables.ledgers.values()
    assert [(row.tx_id, row.op) for row in ledger] == [
        (old.tx_id, LedgerOp.APPLY),
        (old.tx_id, LedgerOp.REVOKE),
        (new.tx_id, LedgerOp.APPLY),
    ]
    assert len(world.bench.blobs.objects) == len({old.object_key, new.object_key}) == 2


def test_an_answer_delivered_again_changes_nothing(world):
    """A doubt is settled once; then the node's body is one that is stored already."""
    world.bench.store(false_body())
    verify(world, NODE)

    assert verify(world, NODE) == (0, 0, (), ())
    assert len(world.bench.facts.tables.transactions) == 2


def test_what_the_node_was_first_to_tell_is_not_doubted(world):
    """A webhook's false body of a stored transaction is nothing to anybody."""
    world.bench.store(NODE, source="backfill")
    world.bench.store(false_body())

    assert check_bodies(world.checking).asked == 0
    assert verify(world, NODE) == (0, 0, (), ())
    assert checks(world) == {}


def test_a_body_that_nobody_asked_for_is_stored_like_any_other(world):
    """Revoked meanwhile, or never stored: the node says that it is there."""
    assert verify(world, NODE) == (0, 0, (), ())

    assert world.bench.facts.stored([SIGNATURE]) == {SIGNATURE}


def test_facts_of_another_normalizer_are_replaced_without_an_alarm(world, monkeypatch):
    """They cannot be compared, and the node's body is as good as any."""
    world.bench.store(TRUE)
    monkeypatch.setattr("oof.domain.doubt.NORMALIZER_VERSION", 99)

    assert verify(world, NODE)[:3] == (0, 1, ())
    assert [row.revoked for row in world.bench.facts.tables.transactions.values()] == [True, False]


def test_only_what_speaks_against_itself_is_asked_for_where_nothing_is_sampled(world):
    """Lamports that do not add up; a body that does is left for its neighbours to judge."""
    world.bench.storing = replace(world.bench.storing, sample_per_10k=0)
    wrong = deepcopy(TRUE)
    wrong["meta"]["fee"] += 1
    other = HISTORY.signatures[1]
    world.bench.store(wrong, HISTORY.bodies[other].rich)

    check_bodies(world.checking)

    assert world.requester.sent == [((SIGNATURE,), "verify", 0)]
    assert [check.doubt for check in checks(world).values()] == [Doubt.LAMPORTS, None]


def test_what_the_node_does_not_have_is_asked_for_a_few_times(world):
    """Then it is given up: whether it was dropped, finality decides."""
    world.bench.store(TRUE)
    reports = []
    for _ in range(TRIES + 2):
        reports.append(check_bodies(world.checking))
        world.bench.clock.at += AGAIN_AFTER

    assert [report.asked for report in reports] == [1] * TRIES + [0, 0]
    assert [report.absent for report in reports] == [0] * TRIES + [1, 0]


def test_checks_are_forgotten_after_a_week(world):
    """But those of false bodies, which tell why a row is revoked."""
    world.bench.store(false_body())
    world.bench.store(HISTORY.bodies[HISTORY.signatures[1]].rich)
    check_bodies(world.checking)
    verify(world, NODE, HISTORY.bodies[HISTORY.signatures[1]].poor)

    world.bench.clock.at += timedelta(days=8)

    assert check_bodies(world.checking).forgotten == 1
    assert [check.outcome for check in checks(world).values()] == [Outcome.FALSE]
