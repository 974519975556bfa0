"""What is claimed at pump.fun's program of fees: alone, below a bot, beside and within a sale."""

import pytest

from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    FEE,
    TOKEN_PROGRAM,
    Draft,
    key,
    transfer,
    unmarked,
)
from tests.unit.domain.transactions.test_trades import ALICE, BOB, read

PUMP_FEES = "pfeeUxB6jkeY1Hxd7CsFCAjcbHA9rWtchMGdZ6VojVZ"
CURVE_PROGRAM = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
CLAIM, CLAIM_V2 = bytes.fromhex("e115fb85a11ec7e2"), bytes.fromhex("114df0863abc3595")
SELL = bytes.fromhex("33e685a4017f83ad") + bytes(16)
VAULT, GLOBAL, AUTHORITY = key("social fees"), key("global"), key("authority")
COIN, USD = key("coin"), key("usd")
START, CLAIMED, PROCEEDS = 10**12, 700_000, 5_000_000
ACCOUNTS = [BOB, VAULT, GLOBAL, ALICE]


def vault_paid(draft: Draft) -> Draft:
    """State that the vault paid Bob, by its own program and no instruction of the system."""
    return draft.lamports(VAULT, START, START - CLAIMED).lamports(BOB, START, START + CLAIMED)


@pytest.mark.parametrize("is_invoked", [False, True])
@pytest.mark.parametrize("height", [None, 2])
def test_lamports_claimed_are_income(is_invoked: bool, height: int | None) -> None:
    """Whoever signs and whatever program calls: the vault pays what its owner has earned."""
    draft = vault_paid(Draft(ALICE))
    if is_invoked:
        draft.call(key("bot"), [ALICE, *ACCOUNTS]).invoke(PUMP_FEES, ACCOUNTS, CLAIM, height=height)
    else:
        draft.call(PUMP_FEES, ACCOUNTS, CLAIM)
    rows = unmarked(read(draft))
    assert (BOB, SOL_MINT, CLAIMED, Kind.INCOME, VAULT) in rows
    assert (VAULT, SOL_MINT, -CLAIMED, Kind.INCOME, BOB) in rows


@pytest.mark.parametrize("height", [None, 2])
def test_tokens_claimed_are_income(height: int | None) -> None:
    """The second version pays from token account to token account."""
    draft = Draft(ALICE).tokens(key("vault usd"), VAULT, USD, 900, 0)
    draft.tokens(key("bob usd"), BOB, USD, 0, 900)
    draft.call(PUMP_FEES, [BOB, VAULT, USD, key("vault usd"), key("bob usd")], CLAIM_V2)
    draft.invoke(
        TOKEN_PROGRAM, [key("vault usd"), key("bob usd"), VAULT], transfer(900), height=height
    )
    assert (BOB, USD, 900, Kind.INCOME, VAULT) in unmarked(read(draft))


def test_other_instructions_of_the_program_claim_nothing() -> None:
    """What the vault pays under another instruction stays what it was."""
    draft = vault_paid(Draft(ALICE)).call(PUMP_FEES, ACCOUNTS, bytes(8))
    assert (BOB, SOL_MINT, CLAIMED, Kind.TRANSFER, VAULT) in unmarked(read(draft))


@pytest.mark.parametrize("height", [None, 3])
def test_claim_between_a_sale_and_its_end_leaves_the_sale_whole(height: int | None) -> None:
    """Without stack heights the claim does not end the leg, nor is it part of the price."""
    curve, keep, sold = key("curve"), key("curve coin"), key("bob coin")
    draft = Draft(BOB).tokens(sold, BOB, COIN, 100, 0).tokens(keep, curve, COIN, 0, 100)
    draft.lamports(curve, START, START - PROCEEDS).lamports(VAULT, START, START - CLAIMED)
    draft.lamports(BOB, START, START - FEE + PROCEEDS + CLAIMED)
    accounts = [key("global"), key("fees"), COIN, curve, keep, sold, BOB]
    draft.call(key("bot"), [VAULT, *accounts])
    draft.invoke(CURVE_PROGRAM, accounts, SELL, height=height and height - 1)
    draft.invoke(PUMP_FEES, ACCOUNTS, CLAIM, height=height and height - 1)
    draft.invoke(TOKEN_PROGRAM, [sold, keep, BOB], transfer(100), height=height)
    found = read(draft)
    (trade,) = found.trades
    assert (trade.sold_raw, trade.bought_raw) == (100, PROCEEDS)
    assert (BOB, SOL_MINT, CLAIMED, Kind.INCOME, VAULT) in unmarked(found)
