"""Trades matched against lots, beside a reference that is as plain as can be."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.positions.lots import Method, Moment
from oof.domain.positions.matching import (
    Open,
    Realized,
    TradeRow,
    Unmatched,
    match_trades,
    value_of,
)
from oof.domain.positions.worth import Ratio
from oof.domain.tokens import USDC_MINT
from oof.domain.units import SOL_MINT, Address

ANN = Address("ann")
MINTS = [SOL_MINT, USDC_MINT, "cat", "dog"]
UNITS = st.integers(0, 1_000)
ROWS = st.lists(
    st.builds(
        TradeRow,
        wallet=st.sampled_from(["ann", "bob"]),
        moment=st.builds(Moment, st.integers(1, 9), st.none() | st.integers(0, 3)),
        block_time=st.none() | st.integers(0, 9),
        sold_mint=st.sampled_from(MINTS),
        sold_raw=UNITS,
        bought_mint=st.sampled_from(MINTS),
        bought_raw=UNITS,
    ),
    max_size=25,
)


def price(mint, raw, at):
    """Worth so many dollars a unit, by mint and time; dogs are not priced, cats at times not."""
    if mint == "dog" or (mint == "cat" and at % 2):
        return None
    return Ratio(raw * (MINTS.index(mint) + 1 + at), 7)


def trade(slot, sold, sold_raw, bought, bought_raw, *, index=0, at=0):
    """Return a trade of Ann's."""
    return TradeRow(ANN, Moment(slot, index), at, sold, sold_raw, bought, bought_raw)


def consume(held, wanted, method):
    """Take units out of plain lots; return what they cost, in mints and dollars, and which."""
    cost: dict[Any, int] = defaultdict(int)
    cost_usd: Fraction | None = Fraction(0)
    used: list[Any] = []
    left = wanted
    while left and held:
        lot = held[0] if method is Method.FIFO else held[-1]
        q = min(left, lot["qty"])
        for mint, raw in list(lot["cost"].items()):
            part = raw if q == lot["qty"] else raw * q // lot["qty"]
            lot["cost"][mint] -= part
            cost[mint] += part
        is_priced = lot["usd"] is not None and cost_usd is not None
        cost_usd = cost_usd + lot["usd"] * q if is_priced else None
        used.append((lot["moment"], q))
        lot["qty"] -= q
        left -= q
        if not lot["qty"]:
            held.remove(lot)
    return dict(cost), cost_usd, used, left


def reference(rows, method):
    """Match unit by unit: each lot is a list of units left, each with its own share of money."""
    ordered = sorted(
        enumerate(rows),
        key=lambda p: (
            p[1].wallet,
            p[1].moment.slot,
            p[1].moment.tx_index is None,
            p[1].moment.tx_index or 0,
            p[0],
        ),
    )
    lots: dict[Any, list[Any]] = defaultdict(list)
    out: list[Any] = []
    for _, row in ordered:
        worth = value_of(row, price)
        usd = None if worth is None else Fraction(*worth)
        held = lots[row.wallet, row.sold_mint]
        cost, cost_usd, used, left = consume(held, row.sold_raw, method)
        matched = row.sold_raw - left
        got = row.bought_raw * matched // row.sold_raw if row.sold_raw else 0
        if matched:
            pnl = None
            if usd is not None and cost_usd is not None:
                pnl = usd * matched / row.sold_raw - cost_usd
            out.append(("realized", row.wallet, row.sold_mint, matched, cost, got, pnl, used))
        if left:
            out.append(("unmatched", row.wallet, row.sold_mint, left, row.bought_raw - got))
        if row.bought_raw:
            lots[row.wallet, row.bought_mint].append(
                {
                    "qty": row.bought_raw,
                    "cost": {row.sold_mint: row.sold_raw},
                    "usd": None if usd is None else usd / row.bought_raw,
                    "moment": row.moment,
                }
            )
    for wallet, mint in sorted(lots):
        out.extend(("open", wallet, mint, lot["qty"], lot["cost"]) for lot in lots[wallet, mint])
    return out


def plain(found):
    """Return a result as the reference tells it."""
    if isinstance(found, Open):
        return ("open", found.wallet, found.mint, found.lot.qty_raw, found.lot.cost_raw)
    [got] = found.proceeds_raw.values()
    if isinstance(found, Unmatched):
        return ("unmatched", found.wallet, found.mint, found.qty_raw, got)
    pnl = None if found.pnl_usd is None else Fraction(*found.pnl_usd)
    used = [(part.entry.opened, part.qty_raw) for part in found.slices]
    return (
        "realized",
        found.wallet,
        found.mint,
        found.qty_raw,
        dict(found.cost_raw),
        got,
        pnl,
        used,
    )


@settings(max_examples=300)
@given(ROWS, st.sampled_from([Method.FIFO, Method.LIFO]))
def test_every_result_is_the_references(rows, method):
    """Quantities, costs, proceeds, dollars and the lots used, in order."""
    found = [plain(each) for each in match_trades(rows, method=method, price_of=price)]

    assert found == reference(rows, method)


@given(ROWS, st.sampled_from(list(Method)))
def test_no_unit_is_lost_or_made(rows, method):
    """By wallet and mint: units in = units matched + units left, and cost likewise."""
    entered: dict[Any, int] = defaultdict(int)
    left: dict[Any, int] = defaultdict(int)
    paid: dict[Any, int] = defaultdict(int)
    costs: dict[Any, int] = defaultdict(int)
    for row in rows:
        entered[row.wallet, row.bought_mint] += row.bought_raw
        if row.bought_raw:
            paid[row.wallet, row.bought_mint, row.sold_mint] += row.sold_raw
    for found in match_trades(rows, method=method):
        key = (found.wallet, found.mint)
        if not isinstance(found, Unmatched):
            held = found.lot if isinstance(found, Open) else found
            left[key] += held.qty_raw
            for mint, raw in held.cost_raw.items():
                costs[*key, mint] += raw

    assert {k: v for k, v in left.items() if v} == {k: v for k, v in entered.items() if v}
    assert {k: v for k, v in costs.items() if v} == {k: v for k, v in paid.items() if v}


@given(ROWS, st.sampled_from(list(Method)), st.randoms())
def test_the_order_of_wallets_in_the_input_changes_nothing(rows, method, random):
    """Each wallet's results follow from its own trades alone."""
    whole = [plain(each) for each in match_trades(rows, method=method, price_of=price)]
    apart = sorted(rows, key=lambda row: row.wallet, reverse=random.random() < 0.5)

    assert [plain(each) for each in match_trades(apart, method=method, price_of=price)] == whole


def test_what_was_bought_in_the_same_trade_is_not_sold_by_it():
    """A trade exits first, then enters."""
    exited, left = match_trades([trade(1, SOL_MINT, 5, SOL_MINT, 9)], method=Method.FIFO)

    assert isinstance(exited, Unmatched)
    assert isinstance(left, Open)
    assert left.lot.cost_raw == {SOL_MINT: 5}


def test_transactions_without_an_index_come_last_in_their_slot():
    """What nobody told the place of cannot have been sold before."""
    rows = [trade(1, "cat", 4, SOL_MINT, 8, index=None), trade(1, SOL_MINT, 6, "cat", 4, index=7)]

    kinds = [type(each) for each in match_trades(rows, method=Method.FIFO)]

    assert kinds == [Unmatched, Realized, Open]


@pytest.mark.parametrize(
    ("sold", "bought", "expected"),
    [
        (USDC_MINT, SOL_MINT, Ratio(20 * 1, 7)),
        ("cat", USDC_MINT, Ratio(20 * 2, 7)),
        ("cat", "dog", Ratio(10 * 3, 7)),
        ("dog", "cat", Ratio(20 * 3, 7)),
        ("dog", "dog", None),
    ],
)
def test_a_trade_is_worth_its_surest_leg(sold, bought, expected):
    """SOL, then USDC, then what was sold, then what was bought."""
    assert value_of(trade(1, sold, 10, bought, 20), price) == expected


def test_a_trade_without_a_time_has_no_price():
    """Nobody knows when it was, so nobody knows what it was worth."""
    assert value_of(trade(1, SOL_MINT, 10, "cat", 20, at=None), price) is None
