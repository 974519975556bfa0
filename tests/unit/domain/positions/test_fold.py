"""The fold of a wallet's history: what is conserved, and what each kind of event does."""

from copy import deepcopy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.positions.events import Exchange, Flow, WalletTransaction
from oof.domain.positions.fold import WalletFold, total
from oof.domain.positions.lots import Method, Moment, Origin
from oof.domain.positions.valuing import SolLegs
from oof.domain.positions.worth import NOTHING, UNKNOWN, Ratio, Worth
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Mint, Slot

CAT, DOG = Mint("cat"), Mint("dog")
MINTS = [SOL_MINT, CAT, DOG]
FLOW_KINDS = [Kind.TRANSFER, Kind.STAKE, Kind.LIQUIDITY, Kind.INCOME, Kind.UNKNOWN]


class Market:
    """Every amount is worth its units at the mint's price, which rises with time."""

    def amount(self, mint, raw, at):
        """Return the worth of an amount; without a time nobody knows it."""
        if at is None:
            return UNKNOWN
        price = MINTS.index(mint) + 1 + at
        return Worth(Ratio(raw * price, 3), Ratio(raw * price, 2))

    def exchange(self, exchange, at):
        """Return the worth of what was sold."""
        return self.amount(exchange.sold_mint, exchange.sold_raw, at)


def at_slot(slot):
    """Return the only moment of a slot."""
    return Moment(Slot(slot), 0)


UNITS = st.integers(1, 50)
FLOWS = st.builds(
    Flow,
    st.sampled_from(MINTS),
    st.integers(-40, 60).filter(bool),
    st.sampled_from(FLOW_KINDS),
)
TRANSACTIONS = st.builds(
    WalletTransaction,
    moment=st.just(at_slot(0)),
    signature=st.just("s"),
    at=st.integers(0, 5),
    exchanges=st.lists(
        st.builds(Exchange, st.sampled_from(MINTS), UNITS, st.sampled_from(MINTS), UNITS),
        max_size=2,
    ).map(tuple),
    fees_raw=st.dictionaries(st.sampled_from(MINTS), st.integers(-5, 9).filter(bool), max_size=2),
    flows=st.lists(FLOWS, max_size=2).map(
        lambda flows: tuple(sorted(flows, key=lambda flow: flow.delta_raw < 0))
    ),
    disposals=st.just(()),
)
HISTORIES = st.lists(TRANSACTIONS, max_size=12).map(
    lambda found: [
        each._replace(moment=Moment(Slot(slot), 0)) for slot, each in enumerate(found, 1)
    ]
)
METHODS = st.sampled_from(list(Method))


def folded(history, method=Method.FIFO, held=None):
    """Fold a history; return the state, what was realized and which episodes ended."""
    fold = WalletFold(Market(), method)
    fold.open_with(held or {}, at_slot(0))
    realized, episodes = [], []
    for transaction in history:
        more, ended = fold.apply(transaction)
        realized += more
        episodes += ended
    return fold, realized, episodes


def lots_of(fold, mint):
    """Every open lot of a mint, those set aside too."""
    position = fold.positions[mint]
    books = [position.book, *position.aside.values()]
    return [lot for book in books for lot in book.lots]


def state(fold):
    """What a fold holds, for comparison."""
    return {
        mint: (p.book, p.aside, p.unmatched_raw, p.episodes, p.opened)
        for mint, p in fold.positions.items()
    }, fold.other_fees


def value(worth):
    """A worth as plain fractions."""
    return tuple(None if each is None else Fraction(*each) for each in worth)


def delta(history, mint):
    """The on-chain change of a mint over a history."""
    change = 0
    for each in history:
        change += sum(flow.delta_raw for flow in each.flows if flow.mint == mint)
        change -= each.fees_raw.get(mint, 0)
        for exchange in each.exchanges:
            change += exchange.bought_raw * (exchange.bought_mint == mint)
            change -= exchange.sold_raw * (exchange.sold_mint == mint)
    return change


@settings(max_examples=200)
@given(HISTORIES, METHODS, st.dictionaries(st.sampled_from(MINTS), UNITS))
def test_units_in_are_units_out_and_what_remains(history, method, held):
    """Lots, less what left without a known lot, are the balance; no lot is negative."""
    fold, _, _ = folded(history, method, held)

    for mint, position in fold.positions.items():
        on_chain = held.get(mint, 0) + delta(history, mint)
        assert position.held_raw - position.unmatched_raw == on_chain
        assert all(lot.qty_raw > 0 for lot in lots_of(fold, mint))


@settings(max_examples=200)
@given(HISTORIES)
def test_basis_is_conserved_to_the_last_unit(history):
    """What trades gave is in exits, in open lots, or left with what was sent away."""
    fold = WalletFold(Market())
    paid: dict[Any, int] = {}
    realized: list[Any] = []
    for transaction in history:
        for exchange in transaction.exchanges:
            key = (exchange.bought_mint, exchange.sold_mint)
            paid[key] = paid.get(key, 0) + exchange.sold_raw
        more, _ = fold.apply(transaction)
        realized += more
    for mint in fold.positions:
        left = costs(fold, mint)
        used: dict[Any, int] = {}
        for each in realized:
            if each.mint == mint:
                for part in each.slices:
                    for cost_mint, raw in part.cost_raw.items():
                        used[cost_mint] = used.get(cost_mint, 0) + raw
        for cost_mint in MINTS:
            entered = paid.get((mint, cost_mint), 0)
            assert left.get(cost_mint, 0) + used.get(cost_mint, 0) <= entered
            if not any(is_sent(each, mint) for each in history):
                assert left.get(cost_mint, 0) + used.get(cost_mint, 0) == entered


@settings(max_examples=200)
@given(HISTORIES)
def test_every_fee_is_borne_by_something(history):
    """By exits, by open lots or by none in particular; nothing is charged twice."""
    kept = [each._replace(flows=()) for each in history]
    fold, realized, _ = folded(kept)

    paid = NOTHING
    for each in kept:
        for mint, raw in each.fees_raw.items():
            paid = paid.plus(Market().amount(mint, raw, each.at))
    borne = total(part for each in realized for part in (each.entry_fees, each.exit_fees))
    open_fees = total(lot_fees(lot) for mint in fold.positions for lot in lots_of(fold, mint))
    unknown = total(
        part.fees for each in realized for part in each.slices if part.entry.origin is Origin.RENT
    )

    assert value(unknown) == (0, 0)
    assert value(borne.plus(open_fees).plus(fold.other_fees)) == value(paid)


@settings(max_examples=200)
@given(HISTORIES, st.dictionaries(st.sampled_from(MINTS), UNITS))
def test_profit_and_what_is_open_is_the_change_of_value(history, held):
    """Without transfers: what was realized and is not yet, after all fees, is what prices did.

    At the prices of the end, for units whose cost is known.
    """
    kept = [each._replace(flows=()) for each in history]
    fold, realized, _ = folded(kept, held=held)
    end = 9

    gained = total(each.pnl for each in realized).minus(fold.other_fees)
    for mint in fold.positions:
        for lot in lots_of(fold, mint):
            if lot.entry.origin is not Origin.OPENING:
                now = Market().amount(mint, lot.qty_raw, end)
                cost = lot.worth.part(lot.qty_raw, lot.share_of)
                gained = gained.plus(now.minus(cost).minus(lot_fees(lot)))
    assert value(gained) == value(cash_flows(kept, fold, realized, end))


def cash_flows(history, fold, realized, end):
    """What known units brought in less what they cost, from the transactions alone."""
    flows = NOTHING
    for each in realized:
        flows = flows.plus(each.proceeds)
    for transaction in history:
        for exchange in transaction.exchanges:
            flows = flows.minus(Market().exchange(exchange, transaction.at))
        for mint, raw in transaction.fees_raw.items():
            fee = Market().amount(mint, raw, transaction.at)
            flows = flows.minus(fee)
            if raw < 0:
                flows = flows.minus(Market().amount(mint, -raw, transaction.at))
    for mint in fold.positions:
        for lot in lots_of(fold, mint):
            if lot.entry.origin is not Origin.OPENING:
                flows = flows.plus(Market().amount(mint, lot.qty_raw, end))
    return flows


@given(HISTORIES, METHODS, st.integers(0, 12))
def test_a_prefix_and_the_rest_are_the_whole(history, method, cut):
    """A fold goes on from a copy of its state as if it had never stopped."""
    whole, realized, episodes = folded(history, method)
    begun, first, ended = folded(history[:cut], method)

    gone_on = deepcopy(begun)
    for transaction in history[cut:]:
        more, others = gone_on.apply(transaction)
        first += more
        ended += others

    assert state(gone_on) == state(whole)
    assert (first, ended) == (realized, episodes)


def costs(fold, mint):
    """What open lots of a mint cost, by mint."""
    summed: dict[Any, int] = {}
    for lot in lots_of(fold, mint):
        for cost_mint, raw in lot.cost_raw.items():
            summed[cost_mint] = summed.get(cost_mint, 0) + raw
    return summed


def lot_fees(lot):
    """The fees that the units left of a lot bear."""
    return lot.fees.part(lot.qty_raw, lot.share_of)


def is_sent(transaction, mint):
    """Whether a transaction sends some of a mint away."""
    return any(flow.mint == mint and flow.delta_raw < 0 for flow in transaction.flows)


def event(slot, *exchanges, fees=None, flows=(), at=0):
    """Return one transaction."""
    return WalletTransaction(
        at_slot(slot), signature(slot), at, tuple(exchanges), fees or {}, tuple(flows)
    )


def signature(slot):
    """Return the signature of the transaction in a slot."""
    return f"s{slot}"


def flow(delta, kind):
    """Return cats that arrived or left."""
    return Flow(CAT, delta, kind)


def buy(raw, sol):
    """Buy cats with SOL."""
    return Exchange(SOL_MINT, sol, CAT, raw)


def sell(raw, sol):
    """Sell cats for SOL."""
    return Exchange(CAT, raw, SOL_MINT, sol)


def test_a_round_trip_bears_the_fees_of_both_ways():
    """Fees of buying stay with the lot until it is sold."""
    _, realized, _ = folded(
        [event(1, buy(10, 30), fees={SOL_MINT: 3}), event(2, sell(10, 60), fees={SOL_MINT: 6})]
    )

    [cats] = [each for each in realized if each.mint == CAT]
    assert value(cats.entry_fees)[1] == Fraction(3, 2)
    assert value(cats.exit_fees)[1] == 3
    assert value(cats.cost)[1] == 15
    assert cats.qty_raw == 10


class SolAlone(Market):
    """Nobody knows what anything but SOL is worth, beyond what was given for it."""

    def amount(self, mint, raw, at):
        """Return the worth of SOL, in SOL."""
        return Worth(None, Ratio(raw, 1)) if mint == SOL_MINT else UNKNOWN

    def exchange(self, exchange, at):
        """Return the worth of the leg in SOL."""
        is_paid = exchange.sold_mint == SOL_MINT
        return self.amount(SOL_MINT, exchange.sold_raw if is_paid else exchange.bought_raw, at)


def test_a_fee_in_what_was_bought_is_worth_what_was_given_for_it():
    """Of a mint that nobody prices, the trade itself tells."""
    fold = WalletFold(SolAlone())
    fold.apply(event(1, buy(100, 50), fees={CAT: 10}))

    realized, _ = fold.apply(event(2, sell(90, 90)))

    [cats] = [each for each in realized if each.mint == CAT]
    assert value(cats.entry_fees)[1] == 5 * Fraction(90, 100)
    assert value(cats.pnl)[1] == 90 - 45 - Fraction(9, 2)


def test_what_was_received_has_no_basis_and_makes_no_profit():
    """Its sale is counted, and apart."""
    history = [
        event(1, flows=[flow(4, Kind.TRANSFER)]),
        event(2, buy(6, 30)),
        event(3, sell(10, 100)),
    ]

    _, realized, _ = folded(history)

    [cats] = [each for each in realized if each.mint == CAT]
    assert (cats.qty_raw, cats.unknown_raw, cats.unmatched_raw) == (6, 4, 0)
    assert cats.slices[0].entry.origin is Origin.TRANSFER
    assert value(cats.proceeds) == value(Market().amount(CAT, 10, 0).part(6, 10))


def test_what_is_staked_comes_back_with_its_basis():
    """No profit on the way; what is more than was put in is income."""
    fold, realized, episodes = folded(
        [
            event(1, buy(10, 30)),
            event(2, flows=[flow(-10, Kind.STAKE)]),
            event(3, flows=[flow(12, Kind.STAKE)]),
        ]
    )

    assert [each for each in realized if each.mint == CAT] == []
    assert episodes == []
    lots = fold.positions[CAT].book.lots
    assert [(lot.qty_raw, lot.entry.origin) for lot in lots] == [
        (10, Origin.TRADE),
        (2, Origin.INCOME),
    ]
    assert lots[0].cost_raw == {SOL_MINT: 30}


def test_an_exit_beyond_known_lots_is_unmatched():
    """Counted, and never profit."""
    fold, realized, _ = folded([event(1, buy(4, 8)), event(2, sell(10, 50))])

    [cats] = [each for each in realized if each.mint == CAT]
    assert (cats.qty_raw, cats.unmatched_raw) == (4, 6)
    assert fold.positions[CAT].unmatched_raw == 6


def test_episodes_are_counted_from_nothing_to_nothing():
    """Buying again after all was sold is a re-entry."""
    fold, _, episodes = folded(
        [
            event(1, buy(10, 30)),
            event(2, buy(5, 15)),
            event(3, sell(15, 50)),
            event(4, buy(1, 3)),
        ]
    )

    ended = [(e.mint, e.number, e.opened.slot, e.closed.slot) for e in episodes if e.mint == CAT]
    assert ended == [(CAT, 1, 1, 3)]
    assert fold.positions[CAT].episodes == 2
    assert fold.positions[CAT].opened == (at_slot(4), 0)


@pytest.mark.parametrize("kind", [Kind.TRANSFER, Kind.BURN, Kind.UNKNOWN])
def test_what_is_sent_away_is_neither_profit_nor_loss(kind):
    """Its lots leave with their basis."""
    fold, realized, episodes = folded([event(1, buy(10, 30)), event(2, flows=[flow(-10, kind)])])

    assert [each for each in realized if each.mint == CAT] == []
    assert fold.positions[CAT].book.lots == []
    assert [each.mint for each in episodes] == [CAT]


def test_fees_of_a_failed_transaction_belong_to_no_position():
    """They are summed apart."""
    fold, _, _ = folded([event(1, fees={SOL_MINT: 5})], held={SOL_MINT: 100})

    assert value(fold.other_fees)[1] == Fraction(5, 2)


def test_a_fee_of_unknown_worth_hides_none_that_is_known():
    """A token's withheld part has no worth without a trade; the SOL paid beside it has."""
    fold = WalletFold(SolLegs())
    fold.apply(event(1, fees={SOL_MINT: 5, CAT: 3}))

    assert fold.other_fees.lamports == Ratio(5, 1)
