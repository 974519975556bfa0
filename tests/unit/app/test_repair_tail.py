"""Tail repair: a cheap look tells who moved, and only those are listed."""

import pytest

from oof.app.open_wallet import open_wallet
from oof.app.repair_tail import AUDIT_AFTER_S, evidence_of
from oof.domain.backfill import Reach
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, Lamports, Mint, RawAmount, Slot
from oof.ports.backfill import DueTail, LastBalance
from oof.ports.upstream import AccountState, TokenState


def settle(world, *names):
    """Open wallets, and let them get old enough to be looked at."""
    for name in names:
        open_wallet(world.opening, world.wallet(name), caller="203.0.113.7")
    world.execute_started()
    world.pass_(90)
    world.counters.reset()


def test_unmoved_wallets_cost_one_look(world):
    """Balances as we know them: one call for all, nothing listed, and the check is recorded."""
    settle(world, "friend", "empty")
    checked = world.clock.now().timestamp()

    execution = world.repair_tail()

    assert execution.succeeded
    assert not world.starter.runs
    assert dict(world.counters.calls) == {"getMultipleAccounts": 1}
    for name in ("friend", "empty"):
        assert world.store.coverage(world.wallet(name)).tail_checked_at == checked


def test_moved_wallets_alone_are_listed(world):
    """What moved is brought in by a run of its own, and by nothing but its gap."""
    settle(world, "friend", "trader")
    [signature] = world.chain.append("trader", 1, "failed")
    world.pass_(60)

    world.repair_tail()
    moved = {run.wallet for run in world.starter.runs.values()}
    [execution] = world.execute_started()

    assert moved == {world.wallet("trader")}
    assert execution.succeeded
    assert signature in world.facts.linked[world.wallet("trader")]
    asked = set(world.counters.bodies_requested) | set(world.counters.page_bodies)
    assert asked == {signature}


def test_a_fresh_tail_is_left_alone(world):
    """Within a minute of the last check nothing is asked."""
    settle(world, "friend")
    world.repair_tail()
    before = world.provider.calls

    execution = world.repair_tail()

    assert execution.visited == ("Plan tail", "Anyone due", "Done")
    assert world.provider.calls == before


def test_once_a_day_a_wallet_is_listed_whatever_its_balances_say(world):
    """The audit finds what the look cannot see, and finding nothing costs no body."""
    settle(world, "friend")
    world.pass_(AUDIT_AFTER_S)
    history = set(world.history("friend"))

    world.repair_tail()
    assert "getMultipleAccounts" not in world.counters.calls
    [execution] = world.execute_started()

    assert execution.succeeded
    assert world.facts.linked[world.wallet("friend")] >= history
    assert world.store.coverage(world.wallet("friend")).state is WalletState.SEEN_FULL


def test_a_body_that_was_missing_is_asked_for_again(world):
    """Nothing moved, but a body the provider did not have is there now."""
    [lost] = world.history("friend")[-1:]
    world.facts.loses.add(lost)
    settle(world, "friend")
    world.facts.loses.clear()

    world.repair_tail()
    world.execute_started()

    assert lost in world.facts.linked[world.wallet("friend")]
    assert world.store.coverage(world.wallet("friend")).unavailable == ()


def test_rounds_go_on_until_nobody_is_due(world, monkeypatch):
    """More wallets than a round holds are looked at in the next; the last round marks its own."""
    monkeypatch.setattr("oof.app.repair_tail.PAGE", 1)
    settle(world, "friend", "trader")

    execution = world.repair_tail()

    assert execution.visited.count("Check tail") == 2
    checked = {world.store.coverage(world.wallet(n)).tail_checked_at for n in ("friend", "trader")}
    assert checked == {world.clock.now().timestamp()}


def test_warming_and_closed_wallets_have_no_tail(world):
    """Only wallets that were seen are looked at."""
    world.store.track(world.wallet("friend"), at=0)

    execution = world.repair_tail()

    assert execution.visited == ("Plan tail", "Anyone due", "Done")
    assert world.provider.calls == 0


ANN, ACCOUNT, MINT = Address("ann"), Address("ann's account"), Mint("mint")


def held(address, lamports, token=None):
    """An account as the provider shows it."""
    return AccountState(address, Lamports(lamports), Address("program"), False, token)


def token(raw, owner=ANN):
    """What a token account holds."""
    return TokenState(owner, MINT, RawAmount(raw))


@pytest.mark.parametrize(
    ("wallet", "account", "has_moved"),
    [
        (held(ANN, 500), held(ACCOUNT, 2_039_280, token(7)), False),
        (held(ANN, 501), held(ACCOUNT, 2_039_280, token(7)), True),
        (None, held(ACCOUNT, 2_039_280, token(7)), True),
        (held(ANN, 500), held(ACCOUNT, 2_039_280, token(8)), True),
        (held(ANN, 500), held(ACCOUNT, 2_039_280, token(7, Address("bob"))), True),
        (held(ANN, 500), held(ACCOUNT, 2_039_280), True),
        (held(ANN, 500), None, True),
    ],
)
def test_a_wallet_moved_where_any_account_holds_other_than_known(wallet, account, has_moved):
    """Lamports of the wallet, amounts of its token accounts; closed or given away is moved."""
    due = DueTail(
        ANN, (LastBalance(ANN, RawAmount(500)), LastBalance(ACCOUNT, RawAmount(7))), False, None
    )

    evidence = evidence_of(due, {ANN: wallet, ACCOUNT: account})

    assert (evidence is not None) is has_moved


def test_a_guessed_balance_moved_where_it_is_none_of_those_it_may_be():
    """The order within its slot is not known, so any of the slot's balances is as expected."""
    guessed = LastBalance(ANN, RawAmount(500), (RawAmount(300), RawAmount(400)))
    due = DueTail(ANN, (guessed,), False, None)

    assert all(evidence_of(due, {ANN: held(ANN, n)}) is None for n in (300, 400, 500))
    assert evidence_of(due, {ANN: held(ANN, 450)}) is not None
    assert evidence_of(due, {ANN: held(ANN, 450)}) != evidence_of(due, {ANN: held(ANN, 451)})


def look(world):
    """Let two minutes pass, look at the tails, end the runs that starts; return how many."""
    world.pass_(120)
    world.repair_tail()
    return len(world.execute_started())


def test_an_old_transaction_met_by_another_way_moves_nobody(world):
    """What another wallet's deep history stored below the covered span is no newest balance."""
    settle(world, "trader")
    wallet = world.wallet("trader")
    lowest = min(world.facts.bodies.values(), key=lambda body: body["slot"])
    world.facts.bodies = {lowest["transaction"]["signatures"][0]: lowest}
    assert look(world) == 1

    reach = Reach(Slot(lowest["slot"] + 1))
    world.facts.reaches[wallet] = reach
    world.facts.bodies = {lowest["transaction"]["signatures"][0]: lowest}

    assert look(world) == 0


def test_what_a_listing_cannot_explain_is_listed_no_more(world):
    """An amount that changed without a transaction costs two listings a day, not one each look.

    The second is for a provider whose listing runs behind its accounts; a new movement is a new
    reason.
    """
    settle(world, "friend")
    look(world)
    world.facts.unexplained[world.wallet("friend")] = 5

    looks = [look(world) for _ in range(6)]
    world.chain.append("friend", 1, "failed")
    moved = look(world)

    assert looks == [1, 1, 0, 0, 0, 0]
    assert moved == 1
