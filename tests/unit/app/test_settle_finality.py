"""Finality and order, settled by the machine over the stand-in provider."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from local.upstream.faults import Fault, FaultKind
from oof.app.settle_finality import HOLD_S, NOTHING, ROUNDS, plan_finality
from oof.domain.finality import Verdict
from oof.domain.snapshot.model import Provisional
from oof.entrypoints import finality_steps
from oof.entrypoints.step import FinalityState
from tests.support.settlement import settling


@pytest.fixture
def settlement():
    """A settlement over a chain whose present stands still."""
    with settling() as made:
        yield made


def newest(settlement, number, kind="buy"):
    """The newest records of the wallet, oldest first."""
    made = settlement.chain.append("ann", number, kind)
    settlement.pass_(1)
    return [settlement.chain.record(signature) for signature in made]


def test_a_webhook_is_soft_until_the_provider_reports_it_finalized(settlement):
    """Asked too early it waits; once finalized the summary is provisional no more."""
    settlement.deliver(*newest(settlement, 3))
    soft = settlement.summary
    settlement.tick()
    unasked = settlement.calls["getSignatureStatuses"]
    settlement.pass_(60)
    ended = settlement.tick()

    final = settlement.summary
    assert Provisional.SOFT in soft.provisional
    assert any(balance.soft for balance in soft.balances)
    assert unasked == 0
    assert Provisional.SOFT not in final.provisional
    assert not any(balance.soft for balance in final.balances)
    assert final.revision > soft.revision
    assert (settlement.calls["getSignatureStatuses"], ended["credits"]) == (1, 1)


def test_a_tick_with_nothing_soft_asks_nothing(settlement):
    """One step, no call."""
    assert settlement.tick()["round"] == 0
    assert settlement.calls.total() == 0


def test_many_are_asked_about_at_once(settlement):
    """255 and a witness are one call: 300 signatures are two credits."""
    settlement.deliver(*newest(settlement, 300, "failed"))
    settlement.pass_(60)

    assert settlement.tick()["credits"] == 2
    assert settlement.facts.soft_due(at=datetime.max.replace(tzinfo=UTC), after=0, limit=9) == ()


def test_a_dropped_transaction_is_taken_back(settlement):
    """Unknown twice, a minute apart and beyond its blockhash: the wallet is as if it never was."""
    kept, gone = newest(settlement, 2)
    settlement.deliver(kept)
    settlement.pass_(60)
    settlement.tick()
    before = settlement.summary
    settlement.deliver(gone)
    settlement.chain.hide(gone.signature)
    settlement.pass_(60)
    settlement.tick()
    early = settlement.summary.tx_count
    for _ in range(2):
        settlement.pass_(120)
        settlement.tick()
        settlement.advance()

    after = settlement.summary
    assert (early, after.tx_count) == (2, before.tx_count)
    assert (after.balances, after.provisional) == (before.balances, before.provisional)
    assert settlement.facts.stored([gone.signature]) == frozenset()


def test_a_node_that_has_lost_its_history_drops_nothing(settlement):
    """Where not even a final signature is known, an absence says nothing."""
    kept, asked = newest(settlement, 2)
    settlement.deliver(kept)
    settlement.pass_(60)
    settlement.tick()
    settlement.deliver(asked)
    for record in (kept, asked):
        settlement.chain.hide(record.signature)
    for _ in range(4):
        settlement.pass_(200)
        settlement.tick()

    assert settlement.facts.stored([asked.signature]) == {asked.signature}


def test_a_reorg_moves_a_transaction_to_its_new_slot(settlement):
    """The old landing is revoked, the new body asked for once, and counted in its slot."""
    first, second = newest(settlement, 2)
    settlement.deliver(first, second)
    settlement.pass_(10)
    settlement.chain.reland(second.signature, second.slot + 5)
    settlement.pass_(60)
    settlement.tick()
    settlement.advance()
    revoked = settlement.summary.tx_count
    wanted = [request.signatures for request in settlement.fetches.sent]
    settlement.deliver(settlement.chain.record(second.signature))
    settlement.pass_(60)
    settlement.tick()

    assert (revoked, wanted) == (1, [(second.signature,)])
    assert settlement.summary.tx_count == 2
    assert settlement.summary.as_of_slot == second.slot + 5
    assert settlement.summary.provisional == {Provisional.HISTORY_PARTIAL}


def test_a_webhook_of_the_new_landing_while_the_answer_is_on_its_way_is_not_lost(settlement):
    """A body of another slot makes older absences void: the transaction is asked about anew."""
    (record,) = newest(settlement, 1)
    settlement.deliver(record)
    settlement.chain.hide(record.signature)
    settlement.pass_(200)
    settlement.tick()
    settlement.chain.reveal(record.signature)
    settlement.chain.reland(record.signature, settlement.chain.tip_slot())
    settlement.deliver(settlement.chain.record(record.signature))
    settlement.chain.hide(record.signature)
    settlement.pass_(1)
    settlement.tick()
    held = settlement.facts.stored([record.signature])
    settlement.chain.reveal(record.signature)
    settlement.pass_(120)
    settlement.tick()

    assert held == {record.signature}
    assert [request.signatures for request in settlement.fetches.sent] == [(record.signature,)]


def test_a_provider_that_does_not_answer_costs_a_try_and_nothing_else(settlement):
    """What was due is asked about at the next tick."""
    settlement.deliver(*newest(settlement, 1))
    settlement.pass_(60)
    fault = Fault(method="getSignatureStatuses", kind=FaultKind.SERVER_ERROR, count=None)
    settlement.provider.upstream.faults.replace([fault])
    settlement.tick()
    soft = settlement.summary.provisional
    settlement.provider.upstream.faults.replace([])
    settlement.provider.now_ms += 600_000
    settlement.pass_(60)
    settlement.tick()

    assert Provisional.SOFT in soft
    assert Provisional.SOFT not in settlement.summary.provisional


def one_slot(settlement):
    """Two transactions of the wallet in one slot, without their place in it, final."""
    first, second = newest(settlement, 2)
    if second.slot != first.slot:
        settlement.chain.reland(second.signature, first.slot)
    records = [settlement.chain.record(each.signature) for each in (first, second)]
    settlement.deliver(*records, with_index=False)
    settlement.pass_(60)
    return records


def test_a_slot_is_ordered_by_its_block_asked_for_once(settlement):
    """Both places come from one `getBlock`; nothing asks for the slot again."""
    records = one_slot(settlement)
    for _ in range(3):
        settlement.tick()
        settlement.advance()
        settlement.pass_(60)

    rows = [settlement.facts.tables.find(each.signature) for each in records]
    assert settlement.calls["getBlock"] == 1
    assert [row.transaction.tx_index for row in rows] == [each.tx_index for each in records]
    assert records[0].tx_index != records[1].tx_index


def test_after_three_tries_an_order_stays_unknown(settlement):
    """A block that nobody has is asked for three times, and then never again."""
    fault = Fault(
        method="getBlock", kind=FaultKind.RPC_ERROR, count=None, code=-32009, message="skipped"
    )
    settlement.provider.upstream.faults.replace([fault])
    one_slot(settlement)
    for _ in range(6):
        settlement.tick()
        settlement.pass_(3_700)

    assert settlement.calls["getBlock"] == 3
    assert {row.tries for row in settlement.facts.tables.unordered.values()} == {3}
    assert {row.due_at for row in settlement.facts.tables.unordered.values()} == {None}


def test_what_is_final_does_not_wait_for_blocks_that_are_refused(settlement):
    """A question the provider rejects is a try of its slots, and no end of the tick."""
    fault = Fault(
        method="getBlock", kind=FaultKind.RPC_ERROR, count=None, code=-32602, message="no"
    )
    settlement.provider.upstream.faults.replace([fault])
    one_slot(settlement)
    settlement.advance()
    settlement.pass_(60)
    settlement.tick()

    assert settlement.facts.tables.soft == {}
    assert {row.tries for row in settlement.facts.tables.unordered.values()} == {1}


def test_a_tick_ends_though_more_is_due(settlement):
    """What is beyond the rounds of one tick waits for the next one."""
    settlement.deliver(*newest(settlement, 3))
    settlement.pass_(60)
    state = FinalityState(tick="t", round=ROUNDS - 1)
    answers: dict[str, Any] = {
        "verdicts": {verdict.value: [] for verdict in Verdict},
        "places": [[], [], []],
    }
    key = f"runs/finality-t/{ROUNDS - 1:05}-asked.json"
    settlement.blobs.put(key, orjson.dumps(answers))

    ended = finality_steps.settle(state, settlement.settling)

    assert (ended["next"], ended["due"]) == ("done", 0)
    assert len(settlement.facts.tables.soft) == 3


def test_a_tick_asks_nothing_while_another_is_at_it(settlement):
    """Two at once would ask about the same; one that fell silent is taken over from."""
    settlement.deliver(*newest(settlement, 3))
    settlement.pass_(60)
    first = plan_finality(settlement.settling, tick="first", round_=0)

    second = plan_finality(settlement.settling, tick="second", round_=0)
    settlement.pass_(HOLD_S)
    third = plan_finality(settlement.settling, tick="third", round_=0)

    assert (first.soft, second, third.soft) == (3, NOTHING, 3)


def test_a_tick_that_ends_lets_the_next_one_in(settlement):
    """What comes a moment later need not wait for the lock to lapse."""
    settlement.tick()
    settlement.deliver(*newest(settlement, 3))
    settlement.pass_(60)

    assert plan_finality(settlement.settling, tick="next", round_=0).soft == 3
