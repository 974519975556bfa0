"""Shares of pools, liquid stakes and claims on lenders move for the reason the deposit does."""

import struct

import pytest

from oof.domain.transactions.addresses import STAKE
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    mint_to,
    send,
    unmarked,
)
from tests.unit.domain.transactions.test_pitfalls import Recorded
from tests.unit.domain.transactions.test_pitfalls import read as read_recorded
from tests.unit.domain.transactions.test_trades import A_COIN, ALICE, BOB, COIN, read

STAKE_POOL, RESERVE = "SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy", key("reserve")
START, SOL = 10**12, 10**9


def staked(owner: str = ALICE) -> Draft:
    """Draft Alice staking one SOL with a pool that mints its token to an owner."""
    draft = Draft(ALICE).lamports(ALICE, START, START - 5_000 - SOL)
    draft.lamports(RESERVE, START, START + SOL).tokens(A_COIN, owner, COIN, 0, 40, decimals=9)
    draft.call(STAKE_POOL, [key("pool"), ALICE, RESERVE, A_COIN, COIN], b"\x0e" + bytes(8))
    draft.invoke(SYSTEM_PROGRAM, [ALICE, RESERVE], send(SOL))
    return draft.invoke(TOKEN_PROGRAM, [COIN, A_COIN, key("authority")], mint_to(40))


def test_liquid_stake_is_staked_not_issued() -> None:
    """SOL goes in and the pool's token comes out, both for one reason."""
    found = unmarked(read(staked()))
    assert (ALICE, SOL_MINT, -SOL, Kind.STAKE, RESERVE) in found
    assert (ALICE, COIN, 40, Kind.STAKE, None) in found


def test_token_burned_for_what_it_stood_for_is_unstaked() -> None:
    """The pool's token is gone and its lamports are back."""
    draft = Draft(ALICE).lamports(ALICE, START, START - 5_000 + SOL)
    draft.lamports(RESERVE, START, START - SOL).tokens(A_COIN, ALICE, COIN, 40, 0, decimals=9)
    draft.call(STAKE_POOL, [key("pool"), ALICE, A_COIN, RESERVE, COIN], b"\x10" + bytes(8))
    draft.invoke(TOKEN_PROGRAM, [A_COIN, COIN, ALICE], struct.pack("<BQ", 8, 40))
    draft.invoke(STAKE, [RESERVE, ALICE], struct.pack("<IQ", 4, SOL))
    found = unmarked(read(draft))
    assert (ALICE, COIN, -40, Kind.STAKE, None) in found
    assert (ALICE, SOL_MINT, SOL, Kind.STAKE, RESERVE) in found


def test_token_minted_to_somebody_else_is_minted() -> None:
    """Who deposited nothing got something issued, a pool's manager for one."""
    assert (BOB, COIN, 40, Kind.MINT, None) in unmarked(read(staked(BOB)))


def test_token_minted_without_a_deposit_is_minted() -> None:
    """What its authority issues, or an owner destroys, is just that."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 0, 40)
    draft.call(TOKEN_PROGRAM, [COIN, A_COIN, ALICE], mint_to(40))
    assert (ALICE, COIN, 40, Kind.MINT, None) in unmarked(read(draft))


@pytest.mark.chain
@pytest.mark.parametrize(
    ("prefix", "share", "kind"),
    [
        ("pXPLUDJPBn5", 14_561_191_343, Kind.LIQUIDITY),
        ("66cbwhMBm9N", -37_887_331_922, Kind.LIQUIDITY),
        ("2Cxrz8NWZvN", 487_817_578, Kind.LENDING),
        ("4Tnpv3ZgMcU", -2_166_476_510_395, Kind.LENDING),
    ],
)
def test_recorded_shares(recorded: Recorded, prefix: str, share: int, kind: Kind) -> None:
    """Raydium's and Jupiter Lend's shares, in and out."""
    found = read_recorded(recorded, prefix)
    assert [row[3] for row in unmarked(found) if row[:1] == (found.fee_payer,) and row[2] == share]
    assert {row[3] for row in unmarked(found) if row[2] == share} == {kind}
