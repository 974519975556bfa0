"""Later versions of instructions: accounts stand elsewhere, and more of them are paid."""

import struct
from hashlib import sha256

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction, Trade
from oof.domain.transactions.model import Role as Side
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.program import Program, Role
from oof.domain.transactions.programs.registry import PROGRAMS
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
)

USER, PAYER = key("user"), key("payer")
SOLD, MIDDLE, BOUGHT = key("sold"), key("middle"), key("bought")
WHIRLPOOL = "whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc"
PUMP_FUN = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
TRADE_EVENT = bytes.fromhex("e445a52e51cb9a1dbddb7fd34ee661ee")
START = 10**12
CURVES = {Kind.LIQUIDITY, Kind.TRANSFER}


def read(draft: Draft) -> NormalizedTransaction:
    """Normalize a draft."""
    found = normalize(draft.body())
    assert isinstance(found, NormalizedTransaction)
    return found


def paid(found: NormalizedTransaction, kind: Kind) -> dict[str | None, int]:
    """Sum what each receiver got for a reason."""
    sums: dict[str | None, int] = {}
    for each in found.movements:
        if each.kind is kind and each.delta_raw > 0:
            sums[each.owner] = sums.get(each.owner, 0) + each.delta_raw
    return sums


def sides(trade: Trade) -> tuple[str, str, int, str, int]:
    """Give who traded what."""
    return trade.trader, trade.sold_mint, trade.sold_raw, trade.bought_mint, trade.bought_raw


def test_two_hop_swap_v2_is_its_authority_trade() -> None:
    """The first pool of a two-hop swap stands where the first version has the user."""
    one, two = key("pool one"), key("pool two")
    draft = Draft(USER)
    draft.tokens(key("u sold"), USER, SOLD, 100, 0).tokens(key("u bought"), USER, BOUGHT, 0, 7)
    draft.tokens(key("1 sold"), one, SOLD, 0, 100).tokens(key("1 middle"), one, MIDDLE, 50, 10)
    draft.tokens(key("2 middle"), two, MIDDLE, 0, 40).tokens(key("2 bought"), two, BOUGHT, 7, 0)
    accounts = [one, two, SOLD, MIDDLE, BOUGHT, *[TOKEN_PROGRAM] * 3, key("u sold")]
    accounts += [key("1 sold"), key("1 middle"), key("2 middle"), key("2 bought")]
    accounts += [key("u bought"), USER]
    draft.call(WHIRLPOOL, accounts, bytes.fromhex("ba8fd11dfe02c275") + bytes(40))
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("1 sold"), USER], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [key("1 middle"), key("2 middle"), one], transfer(40))
    draft.invoke(TOKEN_PROGRAM, [key("2 bought"), key("u bought"), two], transfer(7))
    assert [sides(trade) for trade in read(draft).trades] == [(USER, SOLD, 100, BOUGHT, 7)]


def curve_accounts() -> list[str]:
    """List the accounts of `buy_v2`: curve 10, user 13, creator's vault 16."""
    accounts = [key(f"any {place}") for place in range(27)]
    accounts[1:3] = [BOUGHT, SOL_MINT]
    accounts[13] = USER
    return accounts


@pytest.mark.parametrize("discriminator", ["b817ee6167c5d33d", "c2ab1c46684d5b2f"])
def test_buy_v2_pays_protocol_buyback_and_creator(discriminator: str) -> None:
    """A purchase by the second version names each of its fees by where its receiver stands."""
    accounts = curve_accounts()
    curve, protocol, buyback, creator = (accounts[place] for place in (10, 6, 8, 16))
    cashback = accounts[20]
    draft = Draft(USER).lamports(USER, START, START - FEE - 1_000 - 6 - 5 - 3 - 2)
    draft.lamports(cashback, 9, 11)
    draft.tokens(key("u"), USER, BOUGHT, 0, 50).tokens(key("c"), curve, BOUGHT, 90, 40)
    draft.lamports(curve, 7, 1_007).lamports(protocol, 9, 15)
    draft.lamports(buyback, 9, 14).lamports(creator, 9, 12)
    draft.call(PUMP_FUN, accounts, bytes.fromhex(discriminator) + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [key("c"), key("u"), curve], transfer(50))
    shares = ((curve, 1_000), (protocol, 6), (buyback, 5), (creator, 3), (cashback, 2))
    for receiver, lamports in shares:
        draft.invoke(SYSTEM_PROGRAM, [USER, receiver], send(lamports))
    found = read(draft)
    assert [sides(trade) for trade in found.trades] == [(USER, SOL_MINT, 1_000, BOUGHT, 50)]
    assert paid(found, Kind.PROTOCOL_FEE) == {protocol: 6, buyback: 5}
    assert paid(found, Kind.CREATOR_FEE) == {creator: 3, cashback: 2}


def sale_event(gross: int, fee: int, cashback: int, buyback: int) -> bytes:
    """Give the event of a sale as it is sent since its fee is shared."""
    event = bytearray(266)
    event[: len(TRADE_EVENT)] = TRADE_EVENT
    event[48:56] = gross.to_bytes(8, "little")
    event[177:185] = fee.to_bytes(8, "little")
    name = b"sell"
    rest = struct.pack("<?QQQQ", False, 30, cashback, 5_000, buyback)
    return bytes(event) + struct.pack("<I", len(name)) + name + rest + bytes(60)


@pytest.mark.parametrize("version", [1, 2])
def test_several_sales_tell_cashback_and_buyback_apart(version: int) -> None:
    """Of several sales on one curve each pays its own seller, fee, cashback and buyback."""
    accounts = curve_accounts()
    if version == 1:
        accounts = [key(f"any {place}") for place in range(17)]
        places = (3, 6, 1, 14, 16)
        data = bytes.fromhex("33e685a4017f83ad") + bytes(16)
    else:
        places = (10, 13, 6, 19, 8)
        data = bytes.fromhex("5df6823ce7e940b2") + bytes(16)
    accounts[places[1]] = USER
    curve, _user, protocol, accumulator, buyback = (accounts[place] for place in places)
    gross, fee, cashback, share = 1_000, 10, 3, 5
    sellers = (USER, PAYER)
    draft = Draft(*sellers)
    draft.lamports(USER, START, START - FEE * 2 + gross - fee - cashback)
    draft.lamports(PAYER, START, START + 3 * (gross - fee - cashback))
    draft.lamports(curve, START, START - 4 * gross).lamports(protocol, 1, 1 + 4 * (fee - share))
    draft.lamports(accumulator, 1, 1 + 4 * cashback).lamports(buyback, 1, 1 + 4 * share)
    draft.tokens(key("c"), curve, SOLD, 0, 400)
    draft.fee = 2 * FEE
    for times, seller in ((1, USER), (3, PAYER)):
        draft.tokens(key(f"of {seller}"), seller, SOLD, 100 * times, 0)
        own = list(accounts)
        own[places[1]] = seller
        draft.call(PUMP_FUN, own, data)
        draft.invoke(TOKEN_PROGRAM, [key(f"of {seller}"), key("c"), seller], transfer(100 * times))
        event = sale_event(gross * times, fee * times, cashback * times, share * times)
        draft.invoke(PUMP_FUN, [key("authority")], event)
    found = read(draft)
    assert [sides(trade) for trade in found.trades] == [
        (USER, SOLD, 100, SOL_MINT, gross),
        (PAYER, SOLD, 300, SOL_MINT, 3 * gross),
    ]
    assert paid(found, Kind.PROTOCOL_FEE) == {protocol: 4 * (fee - share), buyback: 4 * share}
    assert paid(found, Kind.CREATOR_FEE) == {accumulator: 4 * cashback}


NEWER = [each for each in PROGRAMS if each.role is Role.POOL and each.swaps and each.kind in CURVES]
UNHEARD_OF = bytes.fromhex("fefefefefefefefe") + bytes(16)


def two_sides(pool: Program, data: bytes, middle: int, *, is_swap: bool) -> Draft:
    """Draft a call that takes 100 of one mint, and gives or takes 7 of another."""
    vaults, sign = key("vaults"), 1 if is_swap else -1
    draft = Draft(USER).tokens(key("u sold"), USER, SOLD, 500, 400)
    draft.tokens(key("u bought"), USER, BOUGHT, 50, 50 + 7 * sign)
    draft.tokens(key("v sold"), vaults, SOLD, 0, 100)
    draft.tokens(key("v bought"), vaults, BOUGHT, 50, 50 - 7 * sign)
    accounts = [key(f"any {place}") for place in range(middle)]
    draft.call(pool.program_id, [*accounts, USER, key("u sold"), key("v sold")], data)
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("v sold"), USER], transfer(100))
    ends = [key("v bought"), key("u bought"), vaults]
    draft.invoke(TOKEN_PROGRAM, ends if is_swap else [ends[1], ends[0], USER], transfer(7))
    return draft


@pytest.mark.parametrize("pool", NEWER, ids=lambda pool: f"{pool.slug}-{pool.program_id[:4]}")
def test_pool_swaps_by_an_instruction_nobody_has_heard_of(pool: Program) -> None:
    """A newer instruction that gives one mint for another is a swap, wherever its accounts stand.

    Balances tell it, and signatures tell whose it is.
    """
    for stranger in (key("any"), key("vaults"), key("v sold")):
        draft = two_sides(pool, UNHEARD_OF, 9, is_swap=True)
        draft.outer[-1]["accounts"] = [draft.index(stranger)] * 25
        (trade,) = read(draft).trades
        assert sides(trade) == (USER, SOLD, 100, BOUGHT, 7)
        assert (trade.venue, trade.route) == (pool.slug, (pool.slug,))


@pytest.mark.parametrize("pool", NEWER, ids=lambda pool: f"{pool.slug}-{pool.program_id[:4]}")
def test_pool_taking_both_mints_trades_nothing(pool: Program) -> None:
    """An instruction nobody has heard of that takes both mints is a deposit."""
    found = read(two_sides(pool, UNHEARD_OF, 9, is_swap=False))
    assert not found.trades
    assert {each.kind for each in found.movements} == {Kind.NETWORK_FEE, pool.kind}


def test_rebalancing_liquidity_is_no_swap() -> None:
    """Moving liquidity may take one mint and give another: it is known by its name."""
    (pool,) = (each for each in NEWER if each.slug == "meteora_dlmm")
    data = sha256(b"global:rebalance_liquidity").digest()[:8] + bytes(16)
    assert not read(two_sides(pool, data, 9, is_swap=True)).trades


def test_shares_minted_for_one_mint_are_no_swap() -> None:
    """Who gives one mint and gets freshly minted shares has joined a pool."""
    (pool,) = (each for each in NEWER if each.slug == "raydium_cpmm")
    share, vaults = key("share"), key("vaults")
    draft = Draft(USER).tokens(key("u sold"), USER, SOLD, 500, 400)
    draft.tokens(key("v sold"), vaults, SOLD, 0, 100).tokens(key("u share"), USER, share, 0, 9)
    draft.call(pool.program_id, [USER, vaults, key("u sold"), key("u share")], UNHEARD_OF)
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("v sold"), USER], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [share, key("u share"), vaults], mint_to(9))
    assert not read(draft).trades


KAMINO, DFLOW = (
    "LiMoM9rMhrdYrfzUCxQppvxCSG1FcrUK9G8uLq4A1GF",
    "DF1ow4tspfHX9JwWJsAb9epbkA8hmpSEAtxXy1V27QBH",
)
JUPITER_PERPS = "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu"
CPMM = "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C"
TAKER, ESCROW = key("taker"), key("escrow")


def order_accounts(program: str) -> list[str]:
    """List the accounts with which an order is filled: it waits for 7, and holds 100."""
    if program == KAMINO:
        return [TAKER, USER, key("config"), ESCROW, key("order"), SOLD, BOUGHT, key("e sold")]
    filler = [key("t sold"), SOLD, key("t bought"), BOUGHT, TAKER]
    return [key("order"), key("e sold"), key("u bought"), key("u sold"), USER, *filler]


def order_draft() -> Draft:
    """State what changes hands between the escrow, the taker and the user."""
    draft = Draft(TAKER).tokens(key("e sold"), ESCROW, SOLD, 300, 200)
    return draft.tokens(key("u bought"), USER, BOUGHT, 0, 7)


@pytest.mark.parametrize(
    ("program", "discriminator"), [(KAMINO, "a3d014acdf41ffe4"), (DFLOW, "e87a7319c78f88a2")]
)
def test_filled_order_is_its_makers_and_its_fillers_trade(program: str, discriminator: str) -> None:
    """Whose order it is has sold; who filled it out of what it had has bought."""
    draft = order_draft().tokens(key("t sold"), TAKER, SOLD, 0, 100)
    draft.tokens(key("t bought"), TAKER, BOUGHT, 9, 2)
    draft.call(program, order_accounts(program), bytes.fromhex(discriminator) + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [key("e sold"), key("t sold"), ESCROW], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [key("t bought"), key("u bought"), TAKER], transfer(7))
    found = read(draft)
    assert [sides(trade) for trade in found.trades] == [
        (USER, SOLD, 100, BOUGHT, 7),
        (TAKER, BOUGHT, 7, SOLD, 100),
    ]
    assert [trade.role for trade in found.trades] == [Side.MAKER, Side.TAKER]
    assert Kind.ESCROW in {each.kind for each in found.movements if each.owner == ESCROW}


def test_flash_taken_order_is_its_makers_trade() -> None:
    """A taker that swaps what an escrow lent it, and pays the maker, has not traded itself."""
    pool = key("pool")
    draft = order_draft().tokens(key("t sold"), TAKER, SOLD, 0, 0)
    draft.tokens(key("t bought"), TAKER, BOUGHT, 9, 9)
    draft.tokens(key("p sold"), pool, SOLD, 0, 100).tokens(key("p bought"), pool, BOUGHT, 7, 0)
    accounts = order_accounts(KAMINO)
    draft.call(KAMINO, accounts, bytes.fromhex("7e35b00f276761f3") + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [key("e sold"), key("t sold"), ESCROW], transfer(100))
    draft.call(CPMM, [TAKER, pool, key("p sold")], bytes.fromhex("8fbe5adac41e33de"))
    draft.invoke(TOKEN_PROGRAM, [key("t sold"), key("p sold"), TAKER], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [key("p bought"), key("t bought"), pool], transfer(7))
    draft.call(KAMINO, accounts, bytes.fromhex("cef2d7bb8621e094") + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [key("t bought"), key("u bought"), TAKER], transfer(7))
    assert [sides(trade) for trade in read(draft).trades] == [(USER, SOLD, 100, BOUGHT, 7)]


@pytest.mark.parametrize("discriminator", ["ce58588f268832e0", "5a67d11c073fa804"])
def test_order_opened_or_closed_at_dflow_is_escrow(discriminator: str) -> None:
    """What a router keeps until somebody fills an order is no trade and no plain transfer."""
    draft = Draft(USER).tokens(key("u sold"), USER, SOLD, 100, 0)
    draft.tokens(key("e sold"), ESCROW, SOLD, 0, 100)
    accounts = [key("order"), key("e sold"), key("u sold"), USER]
    draft.call(DFLOW, accounts, bytes.fromhex(discriminator) + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("e sold"), USER], transfer(100))
    found = read(draft)
    assert not found.trades
    assert {each.kind for each in found.movements} == {Kind.NETWORK_FEE, Kind.ESCROW}


def test_swap_in_the_pool_of_perpetuals_is_a_trade() -> None:
    """The pool that backs perpetuals also swaps one of its custodies for another."""
    draft = Draft(USER).tokens(key("u sold"), USER, SOLD, 100, 0)
    draft.tokens(key("u bought"), USER, BOUGHT, 0, 7)
    draft.tokens(key("p sold"), ESCROW, SOLD, 0, 100).tokens(key("p bought"), ESCROW, BOUGHT, 7, 0)
    accounts = [USER, key("u sold"), key("u bought"), ESCROW, key("pool")]
    draft.call(JUPITER_PERPS, accounts, bytes.fromhex("414b3f4ceb5b5b88") + bytes(24))
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("p sold"), USER], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [key("p bought"), key("u bought"), ESCROW], transfer(7))
    assert [sides(trade) for trade in read(draft).trades] == [(USER, SOLD, 100, BOUGHT, 7)]


@pytest.mark.parametrize(
    ("slug", "place"),
    [("meteora_dlmm", 9), ("meteora_damm_v2", 11), ("meteora_dbc", 12), ("bonkswap", 10)],
)
def test_share_of_whoever_brought_the_user_is_the_platforms(slug: str, place: int) -> None:
    """What a pool pays on to a host or referrer is no fee of the pool's own."""
    (pool,) = (each for each in NEWER if each.slug == slug)
    host = key("host")
    draft = two_sides(pool, pool.swaps[0] + bytes(16), 20, is_swap=True)
    draft.outer[-1]["accounts"][place] = draft.index(key("h sold"))
    draft.tokens(key("h sold"), host, SOLD, 0, 3)
    balance = draft.post_tokens[0]
    balance["uiTokenAmount"] = {**balance["uiTokenAmount"], "amount": "397"}
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("h sold"), USER], transfer(3))
    found = read(draft)
    assert [sides(trade) for trade in found.trades] == [(USER, SOLD, 100, BOUGHT, 7)]
    assert paid(found, Kind.PLATFORM_FEE) == {host: 3}


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("raydium_clmm", "open_limit_order"),
        ("raydium_clmm", "settle_limit_order"),
        ("raydium_clmm", "decrease_limit_order"),
        ("meteora_dlmm", "place_limit_order"),
        ("meteora_dlmm", "cancel_limit_order"),
    ],
)
def test_order_resting_in_a_pool_is_escrow(slug: str, name: str) -> None:
    """What rests in a pool until the price comes by is neither swapped nor shared."""
    (pool,) = (each for each in NEWER if each.slug == slug)
    data = sha256(f"global:{name}".encode()).digest()[:8] + bytes(16)
    for is_swap in (True, False):
        found = read(two_sides(pool, data, 9, is_swap=is_swap))
        assert not found.trades
        assert {each.kind for each in found.movements} == {Kind.NETWORK_FEE, Kind.ESCROW}


def test_quote_of_a_venue_is_a_trade_of_both_signers() -> None:
    """Maker and taker of a quote both signed: the venue's accounts need not tell which is which."""
    draft = Draft(USER, TAKER).tokens(key("u sold"), USER, SOLD, 100, 0)
    draft.tokens(key("u bought"), USER, BOUGHT, 0, 7).tokens(key("t sold"), TAKER, SOLD, 0, 100)
    draft.tokens(key("t bought"), TAKER, BOUGHT, 7, 0)
    draft.call("REALFP9S4VmrAixmeYa68FrPKn4NVD2QFxxMfz9arhz", [USER, TAKER, SOLD], bytes(8))
    draft.invoke(TOKEN_PROGRAM, [key("u sold"), key("t sold"), USER], transfer(100))
    draft.invoke(TOKEN_PROGRAM, [key("t bought"), key("u bought"), TAKER], transfer(7))
    assert [sides(trade) for trade in read(draft).trades] == [
        (USER, SOLD, 100, BOUGHT, 7),
        (TAKER, BOUGHT, 7, SOLD, 100),
    ]
