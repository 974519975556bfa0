"""Claims within one call that also trades, and at programs that nobody knows."""

import pytest

from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    FEE,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_RENT,
    WSOL,
    Draft,
    key,
    send,
    transfer,
    unmarked,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded
from tests.unit.domain.transactions.test_pitfalls import read as read_recorded
from tests.unit.domain.transactions.test_trades import ALICE, BOB, read

CURVE_PROGRAM = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
SELL = bytes.fromhex("33e685a4017f83ad") + bytes(16)
CLAIM, CLAIM_V2 = bytes.fromhex("253a237ebe35e4c5"), bytes.fromhex("7af3cc415e741d37")
ACCUMULATOR, COLLECTOR = key("accumulator"), key("collector")
CURVE, COIN, KEPT, SOLD = key("curve"), key("coin"), key("curve coin"), key("alice coin")
SAVED, WRAPPED = key("accumulator sol"), key("alice sol")
START, PROCEEDS, CLAIMED, CHARGED = 10**12, 5_000_000, 70_000, 50_000


def sell(draft: Draft, height: int | None) -> None:
    """Sell at the curve, which pays out lamports itself."""
    accounts = [key("global"), key("fees"), COIN, CURVE, KEPT, SOLD, ALICE]
    draft.invoke(CURVE_PROGRAM, accounts, SELL, height=height)
    draft.invoke(TOKEN_PROGRAM, [SOLD, KEPT, ALICE], transfer(100), height=height and height + 1)


def claim(draft: Draft, height: int | None, *, is_wrapped: bool) -> None:
    """Claim what the curve set aside, as lamports or as wrapped SOL."""
    if not is_wrapped:
        draft.invoke(CURVE_PROGRAM, [ALICE, ACCUMULATOR, COIN], CLAIM, height=height)
        return
    accounts = [ALICE, ACCUMULATOR, WSOL, SAVED, WRAPPED]
    draft.invoke(CURVE_PROGRAM, accounts, CLAIM_V2, height=height)
    deeper = height and height + 1
    draft.invoke(TOKEN_PROGRAM, [SAVED, WRAPPED, ACCUMULATOR], transfer(CLAIMED), height=deeper)


@pytest.mark.parametrize("height", [None, 2])
@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize("is_first", [False, True])
def test_claim_in_one_call_with_a_sale_is_no_part_of_its_price(
    height: int | None, is_wrapped: bool, is_first: bool
) -> None:
    """Before or after the sale, with or without stack heights; a fee that follows stays a fee."""
    draft = Draft(ALICE).tokens(SOLD, ALICE, COIN, 100, 0).tokens(KEPT, CURVE, COIN, 0, 100)
    draft.lamports(CURVE, START, START - PROCEEDS).lamports(COLLECTOR, 5, 5 + CHARGED)
    gained = PROCEEDS - CHARGED - FEE
    if is_wrapped:
        for account, owner, before, after in (
            (SAVED, ACCUMULATOR, CLAIMED, 0),
            (WRAPPED, ALICE, 0, CLAIMED),
        ):
            draft.tokens(account, owner, WSOL, before, after, decimals=9)
            draft.lamports(account, TOKEN_RENT + before, TOKEN_RENT + after)
    else:
        draft.lamports(ACCUMULATOR, START, START - CLAIMED)
        gained += CLAIMED
    draft.lamports(ALICE, START, START + gained)
    draft.call(key("bot"), [ACCUMULATOR, COLLECTOR, CURVE, ALICE, SOLD, KEPT])
    if is_first:
        claim(draft, height, is_wrapped=is_wrapped)
        sell(draft, height)
    else:
        sell(draft, height)
        claim(draft, height, is_wrapped=is_wrapped)
    draft.invoke(SYSTEM_PROGRAM, [ALICE, COLLECTOR], send(CHARGED), height=height)

    found = read(draft)

    (trade,) = found.trades
    assert (trade.trader, trade.sold_raw, trade.bought_raw) == (ALICE, 100, PROCEEDS)
    own = [row[2:4] for row in unmarked(found) if row[0] == ALICE and row[1] == SOL_MINT]
    assert (CLAIMED, Kind.INCOME) in own
    (charged,) = {kind for amount, kind in own if amount == -CHARGED}
    assert charged in {Kind.PLATFORM_FEE, Kind.PROTOCOL_FEE}


NEW_CLAIM = bytes.fromhex("4eb1627bd215bb53")
BARE_CLAIM = bytes.fromhex("3ec6d6c1d59f6cd2")


def paid_by_vault(data: bytes, charged: int = 0) -> Draft:
    """Draft Alice calling a program nobody knows, whose vault pays her; Bob may be paid by her."""
    vault = key("vault coin")
    draft = Draft(ALICE).tokens(vault, key("vault"), COIN, 900, 0)
    draft.tokens(SOLD, ALICE, COIN, 0, 900).lamports(BOB, START, START + charged)
    draft.lamports(ALICE, START, START - FEE - charged)
    draft.call(key("distributor"), [ALICE, vault, SOLD, BOB], data)
    draft.invoke(TOKEN_PROGRAM, [vault, SOLD, key("vault")], transfer(900))
    return draft.invoke(SYSTEM_PROGRAM, [ALICE, BOB], send(charged)) if charged else draft


@pytest.mark.parametrize(("data", "kind"), [(NEW_CLAIM, "income"), (BARE_CLAIM, "transfer")])
def test_claim_at_a_program_nobody_knows_is_income_only_by_name(data: bytes, kind: str) -> None:
    """A distributor deployed anew pays income; a bare claim may give back one's own."""
    assert (ALICE, COIN, 900, kind, key("vault")) in unmarked(read(paid_by_vault(data)))


def test_what_who_claims_pays_for_it_is_no_income_of_anybody() -> None:
    """The program's charge for a claim stays a transfer: it bought nothing."""
    found = read(paid_by_vault(NEW_CLAIM, CHARGED))
    rows = unmarked(found)
    assert found.trades == ()
    assert (BOB, SOL_MINT, CHARGED, Kind.TRANSFER, ALICE) in rows
    assert (ALICE, COIN, 900, Kind.INCOME, key("vault")) in rows


@pytest.mark.chain
def test_recorded_claim_of_a_reward_is_income(recorded: Recorded) -> None:
    """A program of which nothing is public pays what its own instruction names a reward."""
    found = read_recorded(recorded, "4x94aZcN5iMU")
    assert {row[3] for row in unmarked(found) if row[2] == 6_604_880_136} == {Kind.INCOME}
