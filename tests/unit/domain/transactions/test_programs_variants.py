"""Later versions of instructions: accounts stand elsewhere, and more of them are paid."""

import struct

import pytest

from oof.domain.transactions.model import Kind, NormalizedTransaction, Trade
from oof.domain.transactions.normalize import normalize
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    FEE,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    send,
    transfer,
)

USER, PAYER = key("user"), key("payer")
SOLD, MIDDLE, BOUGHT = key("sold"), key("middle"), key("bought")
WHIRLPOOL = "whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc"
PUMP_FUN = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
TRADE_EVENT = bytes.fromhex("e445a52e51cb9a1dbddb7fd34ee661ee")
START = 10**12


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
    draft = Draft(USER).lamports(USER, START, START - FEE - 1_000 - 6 - 5 - 3)
    draft.tokens(key("u"), USER, BOUGHT, 0, 50).tokens(key("c"), curve, BOUGHT, 90, 40)
    draft.lamports(curve, 7, 1_007).lamports(protocol, 9, 15)
    draft.lamports(buyback, 9, 14).lamports(creator, 9, 12)
    draft.call(PUMP_FUN, accounts, bytes.fromhex(discriminator) + bytes(16))
    draft.invoke(TOKEN_PROGRAM, [key("c"), key("u"), curve], transfer(50))
    for receiver, lamports in ((curve, 1_000), (protocol, 6), (buyback, 5), (creator, 3)):
        draft.invoke(SYSTEM_PROGRAM, [USER, receiver], send(lamports))
    found = read(draft)
    assert [sides(trade) for trade in found.trades] == [(USER, SOL_MINT, 1_000, BOUGHT, 50)]
    assert paid(found, Kind.PROTOCOL_FEE) == {protocol: 6, buyback: 5}
    assert paid(found, Kind.CREATOR_FEE) == {creator: 3}


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
    assert paid(found, Kind.PROTOCOL_FEE) == {
        protocol: 4 * (fee - share),
        accumulator: 4 * cashback,
        buyback: 4 * share,
    }
