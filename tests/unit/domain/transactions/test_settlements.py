"""Order books: what is filled at once and settled apart is one trade, if it cannot rest."""

import struct

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.serum import SERUM_V3
from tests.unit.domain.transactions.building import TOKEN_PROGRAM, Draft, key, transfer, unmarked
from tests.unit.domain.transactions.test_trades import (
    A_CASH,
    A_COIN,
    ALICE,
    CASH,
    COIN,
    P_CASH,
    P_COIN,
    POOL,
    read,
    sides,
)

OPEN_ORDERS, MARKET = key("open orders"), key("market")
IMMEDIATE, LIMIT = 1, 0
SETTLE = struct.pack("<BI", 0, 5)


def new_order(kind: int) -> bytes:
    """Give the data of an order of a kind."""
    return struct.pack("<BIIQQQIIQH", 0, 10, 0, 1, 1, 100, 0, kind, 7, 65535)


def ordered(kind: int, *, settled_of: str = OPEN_ORDERS, left: int = 0) -> Draft:
    """Draft Alice ordering coins for 100, of which `left` come back, and settling 40 coins."""
    draft = Draft(ALICE)
    draft.tokens(A_CASH, ALICE, CASH, 100, left).tokens(P_CASH, POOL, CASH, 0, 100 - left)
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(SERUM_V3, [MARKET, OPEN_ORDERS, A_CASH, ALICE], new_order(kind))
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.call(SERUM_V3, [MARKET, settled_of, ALICE, P_COIN, P_CASH], SETTLE)
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    if left:
        draft.invoke(TOKEN_PROGRAM, [P_CASH, A_CASH, POOL], transfer(left))
    return draft


def test_order_filled_at_once_and_settled_beside_it_is_one_trade() -> None:
    """Two outermost instructions, one intent: what was not spent comes back and is no part."""
    found = read(ordered(IMMEDIATE, left=30))
    (trade,) = found.trades
    assert sides(trade) == (ALICE, CASH, 70, COIN, 40)
    assert (trade.venue, trade.route, trade.outer_index) == ("serum_v3", ("serum_v3",), 0)
    assert {row[3] for row in unmarked(found)} == {Kind.NETWORK_FEE, Kind.TRADE}


def test_order_that_may_rest_is_escrow_though_something_is_settled() -> None:
    """What is settled beside a resting order was bought before: nobody knows what for."""
    found = read(ordered(LIMIT))
    assert found.trades == ()
    assert (ALICE, CASH, -100, Kind.ESCROW, POOL) in unmarked(found)
    assert (ALICE, COIN, 40, Kind.ESCROW, POOL) in unmarked(found)


def test_settlement_of_another_account_is_not_the_orders() -> None:
    """Two markets in one transaction stay apart."""
    assert read(ordered(IMMEDIATE, settled_of=key("other orders"))).trades == ()


def test_order_that_found_nobody_is_no_trade() -> None:
    """All of it comes back: neither a trade nor a movement is left."""
    draft = Draft(ALICE).tokens(A_CASH, ALICE, CASH, 100, 100).tokens(P_CASH, POOL, CASH, 5, 5)
    draft.call(SERUM_V3, [MARKET, OPEN_ORDERS, A_CASH, ALICE], new_order(IMMEDIATE))
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.call(SERUM_V3, [MARKET, OPEN_ORDERS, ALICE, P_COIN, P_CASH], SETTLE)
    draft.invoke(TOKEN_PROGRAM, [P_CASH, A_CASH, POOL], transfer(100))
    found = read(draft)
    assert found.trades == ()
    assert {row[3] for row in unmarked(found)} == {Kind.NETWORK_FEE}


def test_undecodable_and_nameless_orders_stay_apart() -> None:
    """Cut data and missing accounts name no open orders."""
    draft = ordered(IMMEDIATE)
    for entry in draft.outer:
        entry["accounts"] = entry["accounts"][:1]
    assert read(draft).trades == ()
    draft = ordered(IMMEDIATE)
    for entry in draft.outer:
        entry["data"] = "0OIl"
    assert read(draft).trades == ()
