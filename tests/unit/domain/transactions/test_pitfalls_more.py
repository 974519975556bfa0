"""The pitfalls of swap normalization that need no recording, or few words."""

import re
from typing import Any

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT, Mint
from tests.unit.domain.transactions import test_pitfalls
from tests.unit.domain.transactions.building import (
    CLOSE,
    OPEN,
    SYNC,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_RENT,
    Draft,
    create,
    key,
    send,
    transfer,
    transfer_checked,
    unmarked,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded, moved, read
from tests.unit.domain.transactions.test_trades import (
    A_CASH,
    A_COIN,
    ALICE,
    BOB,
    CASH,
    COIN,
    CPMM,
    P_CASH,
    P_COIN,
    POOL,
    PROGRAM,
    SWAP,
    sides,
    swapped,
)
from tests.unit.domain.transactions.test_trades import read as normalize_draft

PUMP_FUN = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
BUY_V2 = bytes.fromhex("b817ee6167c5d33d")
SELL = bytes.fromhex("33e685a4017f83ad")
TRADE_EVENT = bytes.fromhex("e445a52e51cb9a1dbddb7fd34ee661ee")
START = 10**12


def wrap_and_buy(draft: Draft, temporary: str) -> Draft:
    """Draft Alice opening a wrapped account, paying 700 from it for 40 coins, and closing it."""
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.tokens(P_CASH, POOL, SOL_MINT, 0, 700, decimals=9)
    draft.lamports(P_CASH, TOKEN_RENT, TOKEN_RENT + 700).lamports(temporary, 0, 0)
    draft.call(SYSTEM_PROGRAM, [ALICE, temporary], create(TOKEN_RENT + 1000))
    draft.call(TOKEN_PROGRAM, [temporary, SOL_MINT, ALICE, PROGRAM], OPEN)
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [temporary, P_CASH, ALICE], transfer(700))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    return draft.call(TOKEN_PROGRAM, [temporary, ALICE, ALICE], CLOSE)


def test_wrapping_before_a_swap_is_not_paid_twice() -> None:
    """Pitfall 9: SOL wrapped to be sold is one payment: of the swap."""
    wrapped = key("wrapped")
    draft = swapped(CPMM, SWAP)
    draft.lamports(ALICE, START, START - 5_000 - 300)
    draft.lamports(wrapped, TOKEN_RENT, TOKEN_RENT + 300)
    draft.tokens(wrapped, ALICE, SOL_MINT, 0, 300, decimals=9)
    draft.call(SYSTEM_PROGRAM, [ALICE, wrapped], send(300))
    draft.call(TOKEN_PROGRAM, [wrapped], SYNC)
    found = normalize_draft(draft)
    assert {each.kind for each in found.movements if each.mint == SOL_MINT} == {Kind.NETWORK_FEE}


def test_temporary_wrapped_account_pays_the_trade_and_no_rent() -> None:
    """Pitfall 10: an account in no list of balances, opened and closed within, still paid."""
    temporary = key("temporary")
    draft = wrap_and_buy(Draft(ALICE), temporary).lamports(ALICE, START, START - 5_000 - 700)
    found = normalize_draft(draft)
    assert [sides(trade) for trade in found.trades] == [(ALICE, SOL_MINT, 700, COIN, 40)]
    assert moved(found, ALICE, Kind.TRADE) == -700
    assert moved(found, ALICE, Kind.RENT) == 0


def test_equal_legs_of_one_route_are_both_counted() -> None:
    """Pitfall 18: two equal payments of one swap are twice the amount, not one."""
    draft = Draft(ALICE).tokens(A_CASH, ALICE, CASH, 200, 0).tokens(P_CASH, POOL, CASH, 0, 200)
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    for _ in range(2):
        draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
        draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(20))
    assert [sides(trade) for trade in normalize_draft(draft).trades] == [
        (ALICE, CASH, 200, COIN, 40)
    ]


def test_amounts_are_whole_units_with_the_mints_own_decimals() -> None:
    """Pitfall 19: amounts no float holds stay exact, and decimals are what the chain states."""
    sold, bought = 2**63 - 1, 2**53 + 1
    draft = Draft(ALICE).tokens(A_CASH, ALICE, CASH, sold, 0, decimals=2)
    draft.tokens(P_CASH, POOL, CASH, 0, sold, decimals=2)
    draft.tokens(P_COIN, POOL, COIN, bought, 0, decimals=11)
    draft.tokens(A_COIN, ALICE, COIN, 0, bought, decimals=11)
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, CASH, P_CASH, ALICE], transfer_checked(sold, 2))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, COIN, A_COIN, POOL], transfer_checked(bought, 11))
    found = normalize_draft(draft)
    assert [sides(trade) for trade in found.trades] == [(ALICE, CASH, sold, COIN, bought)]
    assert (found.decimals[Mint(CASH)], found.decimals[Mint(COIN)]) == (2, 11)


def test_curve_quoted_in_another_mint_is_paid_in_that_mint() -> None:
    """Pitfall 21: a second-generation curve sells for dollars, not for lamports."""
    (trade,) = normalize_draft(swapped(PUMP_FUN, BUY_V2)).trades
    assert sides(trade) == (ALICE, CASH, 100, COIN, 40)
    assert trade.venue == "pump_fun"


@pytest.mark.chain
def test_migration_of_a_curve_is_nobodys_trade(recorded: Recorded) -> None:
    """Pitfall 23: moving a curve's reserves into a pool neither buys nor sells for anyone."""
    assert read(recorded, "5gp7yztY9n").trades == ()


@pytest.mark.parametrize("extra", [0, 8, 200])
def test_events_may_grow(extra: int) -> None:
    """Pitfall 24: fields appended to an event leave what was read before them unchanged."""
    curve, creator = key("curve"), key("creator")
    draft = Draft(ALICE).lamports(curve, 5_000, 5_000 - 300)
    draft.lamports(ALICE, START, START - 5_000 + 300)
    draft.tokens(A_COIN, ALICE, COIN, 30, 0).tokens(P_COIN, curve, COIN, 0, 30)
    for tokens, gross in ((10, 100), (20, 200)):
        accounts = [PROGRAM, BOB, COIN, curve, P_COIN, A_COIN, ALICE, SYSTEM_PROGRAM, creator]
        draft.call(PUMP_FUN, accounts, SELL)
        draft.invoke(TOKEN_PROGRAM, [A_COIN, P_COIN, ALICE], transfer(tokens))
        event = bytearray(233 + extra)
        event[: len(TRADE_EVENT)] = TRADE_EVENT
        event[48:56] = gross.to_bytes(8, "little")
        draft.invoke(PUMP_FUN, [key("authority")], bytes(event))
    assert [sides(trade) for trade in normalize_draft(draft).trades] == [
        (ALICE, COIN, 10, SOL_MINT, 100),
        (ALICE, COIN, 20, SOL_MINT, 200),
    ]


def test_airdrop_is_a_transfer_from_its_giver() -> None:
    """Pitfall 27: tokens received for nothing are transferred in, never bought at any price."""
    draft = Draft(BOB).tokens(P_COIN, BOB, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, None, 40)
    draft.call(TOKEN_PROGRAM, [P_COIN, A_COIN, BOB], transfer(40))
    found = normalize_draft(draft)
    assert found.trades == ()
    assert (ALICE, COIN, 40, Kind.TRANSFER, BOB) in unmarked(found)


def test_sale_of_what_was_never_seen_bought_is_whole() -> None:
    """Pitfall 28: a sale is read off its own transaction, however its tokens were come by."""
    draft = (
        Draft(ALICE).tokens(A_COIN, ALICE, COIN, 10**15, 0).tokens(P_COIN, POOL, COIN, 0, 10**15)
    )
    draft.tokens(P_CASH, POOL, CASH, 50, 0).tokens(A_CASH, ALICE, CASH, 0, 50)
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [A_COIN, P_COIN, ALICE], transfer(10**15))
    draft.invoke(TOKEN_PROGRAM, [P_CASH, A_CASH, POOL], transfer(50))
    assert [sides(trade) for trade in normalize_draft(draft).trades] == [
        (ALICE, COIN, 10**15, CASH, 50)
    ]


def test_transfer_between_wallets_names_both_ends() -> None:
    """Pitfall 29: whoever owns both wallets can tell from either side that it moved its own."""
    draft = Draft(ALICE).lamports(BOB, 0, 500).lamports(ALICE, START, START - 5_500)
    draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(500))
    rows = [each for each in normalize_draft(draft).movements if each.kind is Kind.TRANSFER]
    assert [(each.owner, each.delta_raw, each.counterparty) for each in rows] == [
        (ALICE, -500, BOB),
        (BOB, 500, ALICE),
    ]


@pytest.mark.chain
def test_trades_of_one_transaction_stand_in_order_of_execution(recorded: Recorded) -> None:
    """Pitfall 30: within a transaction order is that of instructions, never of time or size."""
    several = 0
    for bodies in recorded.values():
        found = normalize(bodies[0])
        assert isinstance(found, NormalizedTransaction)
        order = [trade.outer_index for trade in found.trades]
        assert order == sorted(order)
        several += len(order) > 1
    assert several > 10


def test_keys_of_look_up_tables_own_what_they_hold() -> None:
    """Pitfall 32: accounts named only through a look-up table trade like any other."""
    raw = swapped(CPMM, SWAP).body()
    keys = raw["transaction"]["message"]["accountKeys"]
    raw["transaction"]["message"]["accountKeys"] = keys[:2]
    raw["meta"]["loadedAddresses"] = {"writable": keys[2:5], "readonly": keys[5:]}
    found = normalize(raw)
    assert isinstance(found, NormalizedTransaction)
    assert [sides(trade) for trade in found.trades] == [(ALICE, CASH, 100, COIN, 40)]


def test_place_in_the_block_is_a_number_beside_the_slot() -> None:
    """Pitfall 33: front and back of a sandwich are told by index, not by how signatures sort."""
    places: list[tuple[int | None, int | None]] = []
    for index in (2, 10):
        found = normalize(swapped(CPMM, SWAP).body() | {"transactionIndex": index})
        assert isinstance(found, NormalizedTransaction)
        places.append((found.slot, found.tx_index))
    assert places == [(1, 2), (1, 10)]


@pytest.mark.chain
def test_event_of_an_odd_pool_names_no_mint(recorded: Recorded) -> None:
    """Pitfall 36: a router's event that garbles 1DEX's mints is not what a trade is read off."""
    (trade,) = read(recorded, "3hbMRnMK").trades
    assert (trade.sold_mint, trade.sold_raw) == (SOL_MINT, 113_353)
    assert (trade.bought_mint, trade.bought_raw) == (test_pitfalls.USDC, 9_479)


def test_every_pitfall_has_a_test() -> None:
    """The 36 pitfalls are named by the tests of these two modules, none left out."""
    named: set[int] = set()
    modules: tuple[dict[str, Any], ...] = (vars(test_pitfalls), globals())
    for name, value in [pair for module in modules for pair in module.items()]:
        if name.startswith("test_") and callable(value):
            head = re.match(r"Pitfalls? ([\d, ]+):", value.__doc__ or "")
            named |= {int(number) for number in head[1].split(",")} if head else set()
    assert named == set(range(1, 37))
