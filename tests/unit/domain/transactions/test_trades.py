"""Trades of programs known and unknown, on bodies made by hand."""

from typing import Any

from oof.domain.transactions.model import Kind, NormalizedTransaction, Trade
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.jito import TIP_ACCOUNTS
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    FEE,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    mint_to,
    send,
    transfer,
    unmarked,
)

ALICE, POOL, BROKER, BOB = key("alice"), key("pool"), key("broker"), key("bob")
COIN, CASH, PROGRAM = key("coin"), key("cash"), key("program")
A_COIN, A_CASH, P_COIN, P_CASH = (key(name) for name in ("a coin", "a cash", "p coin", "p cash"))
CPMM = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
JUPITER = "JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4"
SWAP = bytes.fromhex("8fbe5adac41e33de")
START = 10**12


def swapped(program: str, data: bytes = b"\x01", *, height: int | None = 2) -> Draft:
    """Draft Alice giving 100 cash to a pool for 40 coins under one program."""
    draft = Draft(ALICE)
    draft.tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(program, [ALICE, POOL, P_CASH, P_COIN], data)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100), height=height)
    return draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40), height=height)


def read(draft: Draft) -> NormalizedTransaction:
    """Normalize a draft."""
    found = normalize(draft.body())
    assert isinstance(found, NormalizedTransaction)
    return found


def sides(trade: Trade) -> tuple[Any, ...]:
    """Give who sold how much for how much."""
    return (
        trade.trader,
        trade.sold_mint,
        trade.sold_raw,
        trade.bought_mint,
        trade.bought_raw,
    )


def test_unknown_program_yields_a_trade_from_deltas() -> None:
    """One mint out and one in under a program nobody knows is a trade with an unknown venue."""
    (trade,) = read(swapped(PROGRAM)).trades
    assert sides(trade) == (ALICE, CASH, 100, COIN, 40)
    assert (trade.venue, trade.route) == ("unknown", ("unknown",))


def test_known_program_names_its_venue() -> None:
    """A direct swap's route is its venue."""
    (trade,) = read(swapped(CPMM, SWAP)).trades
    assert (trade.venue, trade.route) == ("raydium_cpmm", ("raydium_cpmm",))


def test_recording_without_stack_heights_gives_the_same_trade() -> None:
    """Flattened inner instructions still belong to their pool."""
    assert read(swapped(CPMM, SWAP, height=None)).trades == read(swapped(CPMM, SWAP)).trades


def test_minted_token_is_no_purchase() -> None:
    """What is minted on the way is a deposit's receipt, not something bought."""
    draft = Draft(ALICE).tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(PROGRAM, [ALICE, POOL], b"\x01")
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [COIN, A_COIN, POOL], mint_to(40))
    assert read(draft).trades == ()


def test_two_mints_out_is_no_trade_of_an_unknown_program() -> None:
    """Without a known pool, giving two mints for one is not understood as a trade."""
    other, o_account, p_account = key("other"), key("a other"), key("p other")
    draft = swapped(PROGRAM)
    draft.tokens(o_account, ALICE, other, 7, 0).tokens(p_account, POOL, other, 0, 7)
    draft.invoke(TOKEN_PROGRAM, [o_account, p_account, ALICE], transfer(7))
    found = read(draft)
    assert found.trades == ()
    assert {each.kind for each in found.movements} == {Kind.NETWORK_FEE, Kind.TRANSFER}


def test_indivisible_token_is_no_trade_of_an_unknown_program() -> None:
    """One unit of a mint without decimals is an NFT."""
    draft = Draft(ALICE).tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(P_COIN, POOL, COIN, 1, 0, decimals=0)
    draft.tokens(A_COIN, ALICE, COIN, 0, 1, decimals=0)
    draft.call(PROGRAM, [ALICE, POOL], b"\x01")
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(1))
    assert read(draft).trades == ()


def test_output_fee_is_the_traders_though_the_pool_pays_it() -> None:
    """What a pool pays to a third party is part of what it paid out, then the trader's fee."""
    fee_account = key("fee account")
    draft = Draft(ALICE)
    draft.tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(P_COIN, POOL, COIN, 90, 48).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.tokens(fee_account, BROKER, COIN, 0, 2)
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, POOL], transfer(40))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, fee_account, POOL], transfer(2))
    found = read(draft)
    (trade,) = found.trades
    assert trade.bought_raw == 42
    assert (ALICE, COIN, -2, Kind.PROTOCOL_FEE, BROKER) in unmarked(found)
    assert (BROKER, COIN, 2, Kind.PROTOCOL_FEE, ALICE) in unmarked(found)


def test_purchase_sent_elsewhere_is_bought_and_transferred() -> None:
    """Where the pool pays somebody else, the trader bought and passed it on: no fee."""
    draft = Draft(ALICE)
    account = key("bob coin")
    draft.tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, POOL, CASH, 0, 100)
    draft.tokens(P_COIN, POOL, COIN, 90, 50).tokens(account, BOB, COIN, 0, 40)
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [P_COIN, account, POOL], transfer(40))
    found = read(draft)
    (trade,) = found.trades
    assert sides(trade) == (ALICE, CASH, 100, COIN, 40)
    assert (ALICE, COIN, -40, Kind.TRANSFER, BOB) in unmarked(found)


def test_pool_with_an_owner_for_each_vault_has_no_fee() -> None:
    """The largest receiver of what went in is the vault, though it gives nothing out."""
    cash_keeper, coin_keeper = key("cash keeper"), key("coin keeper")
    draft = Draft(ALICE)
    draft.tokens(A_CASH, ALICE, CASH, 100, 0).tokens(P_CASH, cash_keeper, CASH, 0, 100)
    draft.tokens(P_COIN, coin_keeper, COIN, 90, 50).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(JUPITER, [ALICE], bytes.fromhex("e517cb977ae3ad2a"))
    draft.invoke(PROGRAM, [ALICE, POOL], b"\x01", height=2)
    draft.invoke(TOKEN_PROGRAM, [A_CASH, P_CASH, ALICE], transfer(100), height=3)
    draft.invoke(TOKEN_PROGRAM, [P_COIN, A_COIN, coin_keeper], transfer(40), height=3)
    found = read(draft)
    (trade,) = found.trades
    assert (trade.sold_raw, trade.venue, trade.route) == (100, "jupiter_v6", ("unknown",))
    assert {each.kind for each in found.movements} == {Kind.NETWORK_FEE, Kind.TRADE}


def test_router_that_carries_is_looked_through() -> None:
    """A router's authority that passes tokens on ends with no movement of its own."""
    router, r_cash, r_coin = key("router"), key("r cash"), key("r coin")
    draft = Draft(ALICE)
    draft.tokens(A_CASH, ALICE, CASH, 100, 0).tokens(r_cash, router, CASH, 0, 0)
    draft.tokens(P_CASH, POOL, CASH, 0, 100).tokens(P_COIN, POOL, COIN, 90, 50)
    draft.tokens(r_coin, router, COIN, 0, 0).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(JUPITER, [router, router, ALICE], bytes.fromhex("c1209b3341d69c81"))
    draft.invoke(TOKEN_PROGRAM, [A_CASH, r_cash, ALICE], transfer(100), height=2)
    draft.invoke(CPMM, [router, POOL, P_CASH, P_COIN], SWAP, height=2)
    draft.invoke(TOKEN_PROGRAM, [r_cash, P_CASH, router], transfer(100), height=3)
    draft.invoke(TOKEN_PROGRAM, [P_COIN, r_coin, POOL], transfer(40), height=3)
    draft.invoke(TOKEN_PROGRAM, [r_coin, A_COIN, router], transfer(40), height=2)
    found = read(draft)
    (trade,) = found.trades
    assert sides(trade) == (ALICE, CASH, 100, COIN, 40)
    assert all(each.owner != router for each in found.movements)
    assert (ALICE, CASH, -100, Kind.TRADE, POOL) in unmarked(found)


def test_tip_beside_a_swap_is_apart_from_its_price() -> None:
    """Lamports to a Jito account are a tip, whatever the transaction trades."""
    tip = min(TIP_ACCOUNTS)
    draft = swapped(PROGRAM).lamports(ALICE, START, START - FEE - 90).lamports(tip, 0, 90)
    draft.call(SYSTEM_PROGRAM, [ALICE, tip], send(90))
    found = read(draft)
    assert (ALICE, SOL_MINT, -90, Kind.TIP, tip) in unmarked(found)
    assert len(found.trades) == 1


def test_sponsor_is_not_the_trader() -> None:
    """Who pays the fee but trades nothing is no trader."""
    draft = swapped(PROGRAM)
    sponsor = key("sponsor")
    draft.keys.insert(0, sponsor)
    draft.signer_count = 2
    for entry in (*draft.pre_tokens, *draft.post_tokens):
        entry["accountIndex"] += 1
    for entry in (*draft.outer, *draft.inner[0]):
        entry["programIdIndex"] += 1
        entry["accounts"] = [index + 1 for index in entry["accounts"]]
    found = read(draft)
    assert found.fee_payer == sponsor
    assert [trade.trader for trade in found.trades] == [ALICE]


def test_failed_swap_is_no_trade() -> None:
    """A failed swap moved nothing but its fee."""
    draft = Draft(ALICE)
    draft.err = {"InstructionError": [0, "Custom"]}
    draft.call(CPMM, [ALICE, POOL, P_CASH, P_COIN], SWAP)
    found = read(draft)
    assert found.trades == ()
    assert [each.delta_raw for each in found.movements] == [-FEE]


PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"


def sold_on_curve(draft: Draft, user: str, amount: int, lamports: tuple[int, int, int]) -> None:
    """Add one sale on the one curve: gross lamports, fee and creator's fee in its event."""
    gross, fee, creator_fee = lamports
    account, vault = key(f"{user} coin"), key("curve coin")
    accounts = [key("global"), BROKER, COIN, POOL, vault, account, user, SYSTEM_PROGRAM]
    accounts += [key("creator"), TOKEN_PROGRAM, key("authority"), PUMP]
    draft.call(PUMP, accounts, bytes.fromhex("33e685a4017f83ad") + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [account, vault, user], transfer(amount))
    event = bytearray(233)
    event[:16] = bytes.fromhex("e445a52e51cb9a1dbddb7fd34ee661ee")
    event[48:56] = gross.to_bytes(8, "little")
    event[177:185] = fee.to_bytes(8, "little")
    event[225:233] = creator_fee.to_bytes(8, "little")
    draft.invoke(PUMP, [key("authority")], bytes(event))


def test_several_sales_on_one_curve_keep_their_own_fees() -> None:
    """A curve pays lamports without instructions; its events tell whose sale paid which fee."""
    vault, creator = key("curve coin"), key("creator")
    draft = Draft(ALICE, BOB)
    draft.fee = FEE * 2
    draft.lamports(ALICE, START, START - FEE * 2 + 97).lamports(BOB, START, START + 194)
    draft.lamports(POOL, 10_000, 9_700).lamports(BROKER, 0, 6).lamports(creator, 0, 3)
    draft.tokens(key(f"{ALICE} coin"), ALICE, COIN, 10, 0)
    draft.tokens(key(f"{BOB} coin"), BOB, COIN, 20, 0).tokens(vault, POOL, COIN, 0, 30)
    sold_on_curve(draft, ALICE, 10, (100, 2, 1))
    sold_on_curve(draft, BOB, 20, (200, 4, 2))
    found = read(draft)
    first, second = found.trades
    assert sides(first) == (ALICE, COIN, 10, SOL_MINT, 100)
    assert sides(second) == (BOB, COIN, 20, SOL_MINT, 200)
    assert (BOB, SOL_MINT, -4, Kind.PROTOCOL_FEE, BROKER) in unmarked(found)
    assert (ALICE, SOL_MINT, -1, Kind.CREATOR_FEE, creator) in unmarked(found)


def test_signers_in_one_instruction_trade_each_for_itself() -> None:
    """A wrapper that swaps for two signers gives each the trade of its own pool call."""
    draft = Draft(ALICE, BOB)
    draft.fee = FEE * 2
    b_cash, b_coin = key("b cash"), key("b coin")
    draft.tokens(A_CASH, ALICE, CASH, 100, 0).tokens(b_cash, BOB, CASH, 50, 0)
    draft.tokens(P_CASH, POOL, CASH, 0, 150).tokens(P_COIN, POOL, COIN, 90, 30)
    draft.tokens(A_COIN, ALICE, COIN, 0, 40).tokens(b_coin, BOB, COIN, 0, 20)
    draft.call(PROGRAM, [ALICE, BOB, POOL])
    for user, cash, coin, amounts in (
        (ALICE, A_CASH, A_COIN, (100, 40)),
        (BOB, b_cash, b_coin, (50, 20)),
    ):
        draft.invoke(CPMM, [user, POOL, P_CASH, P_COIN], SWAP, height=2)
        draft.invoke(TOKEN_PROGRAM, [cash, P_CASH, user], transfer(amounts[0]), height=3)
        draft.invoke(TOKEN_PROGRAM, [P_COIN, coin, POOL], transfer(amounts[1]), height=3)
    first, second = read(draft).trades
    assert sides(first) == (ALICE, CASH, 100, COIN, 40)
    assert sides(second) == (BOB, CASH, 50, COIN, 20)
