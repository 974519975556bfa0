"""What transfers, rent, wrapping and closing cost whom, on bodies made by hand."""

import struct
from typing import Any

import pytest

from oof.domain.transactions.addresses import ASSOCIATED_TOKEN, STAKE, TOKEN_2022
from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.metaplex import TOKEN_METADATA
from oof.domain.units import SOL_MINT
from tests.unit.domain.transactions.building import (
    CLOSE,
    FEE,
    OPEN,
    SYNC,
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    TOKEN_RENT,
    WSOL,
    Draft,
    create,
    key,
    mint_to,
    send,
    transfer,
    transfer_checked,
    unmarked,
)

ALICE, BOB, SPONSOR = key("alice"), key("bob"), key("sponsor")
MINT, COIN = key("mint"), key("coin")
A_COIN, B_COIN, A_WSOL = key("alice coin"), key("bob coin"), key("alice wsol")
START = 10**12

Row = tuple[object, ...]


def rows(body: dict[str, Any]) -> set[Row]:
    """Normalize a body and give its movements, network fees left out."""
    found = normalize(body)
    assert isinstance(found, NormalizedTransaction)
    return {each[:5] for each in found.movements if each.kind is not Kind.NETWORK_FEE}


def test_equal_transfers_add_up() -> None:
    """Two equal transfers are one movement of twice the amount, never one that swallowed one."""
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 14).lamports(BOB, 0, 14)
    draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(7)).call(SYSTEM_PROGRAM, [ALICE, BOB], send(7))
    assert rows(draft.body()) == {
        (ALICE, SOL_MINT, -14, Kind.TRANSFER, BOB),
        (BOB, SOL_MINT, 14, Kind.TRANSFER, ALICE),
    }


def test_amounts_beyond_floats_stay_exact() -> None:
    """An amount that no float can hold comes back to the last unit."""
    amount = 2**63 + 1
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, amount, 0).tokens(B_COIN, BOB, COIN, 0, amount)
    draft.call(TOKEN_PROGRAM, [A_COIN, B_COIN, ALICE], transfer(amount))
    assert (ALICE, COIN, -amount, Kind.TRANSFER, BOB) in rows(draft.body())


def test_wrapping_between_own_accounts_moves_nothing() -> None:
    """Lamports sent to one's own wrapped account and synced yield no movement."""
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 500)
    draft.lamports(A_WSOL, TOKEN_RENT, TOKEN_RENT + 500).tokens(A_WSOL, ALICE, WSOL, 0, 500)
    draft.call(SYSTEM_PROGRAM, [ALICE, A_WSOL], send(500)).call(TOKEN_PROGRAM, [A_WSOL], SYNC)
    assert rows(draft.body()) == set()


def test_closing_a_wrapped_account_gives_back_rent_alone() -> None:
    """Unwrapping is no income: only the rent comes back, from the account it was in."""
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE + TOKEN_RENT + 500)
    draft.lamports(A_WSOL, TOKEN_RENT + 500, 0).tokens(A_WSOL, ALICE, WSOL, 500, None)
    draft.call(TOKEN_PROGRAM, [A_WSOL, ALICE, ALICE], CLOSE)
    assert rows(draft.body()) == {(ALICE, SOL_MINT, TOKEN_RENT, Kind.RENT, A_WSOL)}


def test_temporary_wrapped_account_leaves_only_what_it_paid() -> None:
    """An account opened, spent from and closed within costs its owner the spent amount alone."""
    vault = key("bob vault")
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 300)
    draft.lamports(A_WSOL, 0, 0)
    draft.lamports(vault, TOKEN_RENT, TOKEN_RENT + 300).tokens(vault, BOB, WSOL, 0, 300)
    draft.call(SYSTEM_PROGRAM, [ALICE, A_WSOL], create(TOKEN_RENT + 1000))
    draft.call(TOKEN_PROGRAM, [A_WSOL, WSOL, ALICE], OPEN)
    draft.call(TOKEN_PROGRAM, [A_WSOL, vault, ALICE], transfer(300))
    draft.call(TOKEN_PROGRAM, [A_WSOL, ALICE, ALICE], CLOSE)
    assert rows(draft.body()) == {
        (ALICE, SOL_MINT, -300, Kind.TRANSFER, BOB),
        (BOB, SOL_MINT, 300, Kind.TRANSFER, ALICE),
    }


def test_rent_belongs_to_who_paid_it() -> None:
    """A sponsor that opens another's account pays the rent; the account's owner gains nothing."""
    draft = Draft(SPONSOR, ALICE).lamports(SPONSOR, START, START - FEE * 2 - TOKEN_RENT)
    draft.fee = FEE * 2
    draft.lamports(A_COIN, 0, TOKEN_RENT).tokens(A_COIN, ALICE, COIN, None, 0)
    draft.call(ASSOCIATED_TOKEN, [SPONSOR, A_COIN, ALICE, COIN])
    draft.invoke(SYSTEM_PROGRAM, [SPONSOR, A_COIN], create(TOKEN_RENT))
    draft.invoke(TOKEN_PROGRAM, [A_COIN, COIN, ALICE], OPEN)
    assert rows(draft.body()) == {(SPONSOR, SOL_MINT, -TOKEN_RENT, Kind.RENT, A_COIN)}


def test_rent_without_inner_instructions_is_still_rent() -> None:
    """Where the recording lacks inner instructions, a new account's lamports tell the rent."""
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 2_108_880)
    draft.lamports(A_COIN, 0, 2_108_880).tokens(A_COIN, ALICE, COIN, None, 0)
    draft.call(ASSOCIATED_TOKEN, [ALICE, A_COIN, ALICE, COIN])
    assert rows(draft.body()) == {(ALICE, SOL_MINT, -2_108_880, Kind.RENT, A_COIN)}


def test_funding_an_account_before_allocating_it_is_rent() -> None:
    """A transfer to an address that is then allocated paid for its existence."""
    record = key("record")
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 900).lamports(record, 0, 900)
    draft.call(key("program"), [ALICE, record])
    draft.invoke(SYSTEM_PROGRAM, [ALICE, record], send(900))
    draft.invoke(SYSTEM_PROGRAM, [record], struct.pack("<IQ", 8, 64))
    assert (ALICE, SOL_MINT, -900, Kind.RENT, record) in rows(draft.body())


def test_lamports_that_a_program_moves_itself_find_their_receiver() -> None:
    """A debit without any system instruction is a transfer to who gained as much."""
    vault = key("vault")
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE + 700).lamports(vault, 9000, 8300)
    draft.call(key("program"), [vault, ALICE], b"\x01")
    assert rows(draft.body()) == {
        (vault, SOL_MINT, -700, Kind.TRANSFER, ALICE),
        (ALICE, SOL_MINT, 700, Kind.TRANSFER, vault),
    }


def test_account_that_a_program_closes_gives_back_rent() -> None:
    """An account emptied by its program paid its rent back."""
    record = key("record")
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE + 900).lamports(record, 900, 0)
    draft.call(key("program"), [record, ALICE], b"\x01")
    assert (ALICE, SOL_MINT, 900, Kind.RENT, record) in rows(draft.body())


def test_what_nothing_explains_is_unknown() -> None:
    """Tokens that appear without a mint instruction or a giver are the unknown residual."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 1, 4)
    assert rows(draft.body()) == {(ALICE, COIN, 3, Kind.UNKNOWN, None)}


def test_minting_and_burning_have_no_counterparty() -> None:
    """Tokens minted come from nobody."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 0, 50)
    draft.call(TOKEN_PROGRAM, [COIN, A_COIN, ALICE], mint_to(50))
    assert rows(draft.body()) == {(ALICE, COIN, 50, Kind.MINT, None)}


def test_withheld_transfer_fee_is_borne_by_the_receiver() -> None:
    """A checked transfer states the gross; what did not arrive is the receiver's fee."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 1000, 0, program=TOKEN_2022)
    draft.tokens(B_COIN, BOB, COIN, 0, 970, program=TOKEN_2022)
    draft.call(TOKEN_2022, [A_COIN, COIN, B_COIN, ALICE], transfer_checked(1000))
    assert rows(draft.body()) == {
        (ALICE, COIN, -1000, Kind.TRANSFER, BOB),
        (BOB, COIN, 1000, Kind.TRANSFER, ALICE),
        (BOB, COIN, -30, Kind.TRANSFER_FEE, None),
    }


def test_stated_transfer_fee_is_read_from_the_instruction() -> None:
    """`TransferCheckedWithFee` names the fee that the receiver bears."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 1000, 0, program=TOKEN_2022)
    draft.tokens(B_COIN, BOB, COIN, 0, 990, program=TOKEN_2022)
    data = b"\x1a\x01" + struct.pack("<QBQ", 1000, 6, 10)
    draft.call(TOKEN_2022, [A_COIN, COIN, B_COIN, ALICE], data)
    assert (BOB, COIN, -10, Kind.TRANSFER_FEE, None) in rows(draft.body())


def test_batched_token_instructions_are_unfolded() -> None:
    """Each item of a token batch counts like an instruction of its own."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 30, 0).tokens(B_COIN, BOB, COIN, 0, 30)
    item = bytes([3, 9]) + transfer(15)
    accounts = [A_COIN, B_COIN, ALICE] * 2
    draft.call(TOKEN_PROGRAM, accounts, b"\xff" + item + item)
    assert (ALICE, COIN, -30, Kind.TRANSFER, BOB) in rows(draft.body())


def test_unwrapping_lamports_in_place_moves_nothing() -> None:
    """Lamports unwrapped to their owner change form, not hands."""
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE + 40)
    draft.lamports(A_WSOL, TOKEN_RENT + 100, TOKEN_RENT + 60).tokens(A_WSOL, ALICE, WSOL, 100, 60)
    draft.call(TOKEN_PROGRAM, [A_WSOL, ALICE, ALICE], b"\x2d\x01" + struct.pack("<Q", 40))
    assert rows(draft.body()) == set()


def test_stake_account_is_staked_into() -> None:
    """Creating a stake account is staking, not rent."""
    stake = key("stake")
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 5000).lamports(stake, 0, 5000)
    data = struct.pack("<IQQ", 0, 5000, 200) + decode_base58(STAKE).rjust(32, b"\0")
    draft.call(SYSTEM_PROGRAM, [ALICE, stake], data)
    assert (ALICE, SOL_MINT, -5000, Kind.STAKE, stake) in rows(draft.body())


def opened(space: int, program: str, paid: int) -> Draft:
    """Draft Alice paying for a new account of a program in one system instruction."""
    new = key("new")
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - paid).lamports(new, 0, paid)
    data = struct.pack("<IQQ", 0, paid, space) + decode_base58(program)
    return draft.call(SYSTEM_PROGRAM, [ALICE, new], data)


def test_deposit_above_the_rent_of_a_new_account_is_no_rent() -> None:
    """What a new account holds beyond (128 + its bytes) * 6,960 lamports was deposited."""
    rent = (128 + 100) * 6960
    assert rows(opened(100, key("vault"), rent + 7).body()) == {
        (ALICE, SOL_MINT, -rent, Kind.RENT, key("new")),
        (key("new"), SOL_MINT, rent, Kind.RENT, ALICE),
        (ALICE, SOL_MINT, -7, Kind.TRANSFER, key("new")),
        (key("new"), SOL_MINT, 7, Kind.TRANSFER, ALICE),
    }


def test_space_beyond_any_account_costs_no_more_than_the_largest() -> None:
    """A space of 64 bits, as spoiled data may state it, leaves what was paid for it rent."""
    assert rows(opened(2**64 - 1, key("vault"), 7).body()) == {
        (ALICE, SOL_MINT, -7, Kind.RENT, key("new")),
        (key("new"), SOL_MINT, 7, Kind.RENT, ALICE),
    }


@pytest.mark.parametrize(
    ("program", "kind"),
    [(TOKEN_METADATA, Kind.PROTOCOL_FEE), (key("vault"), Kind.TRANSFER)],
)
def test_account_funded_allocated_and_assigned_is_split_alike(program: str, kind: Kind) -> None:
    """Metaplex leaves its fee in the account that it makes; of others the route tells."""
    new, rent = key("new"), (128 + 607) * 6960
    paid = rent + 10_000_000
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - paid).lamports(new, 0, paid)
    draft.call(SYSTEM_PROGRAM, [ALICE, new], send(paid))
    draft.call(SYSTEM_PROGRAM, [new], struct.pack("<IQ", 8, 607))
    draft.call(SYSTEM_PROGRAM, [new], struct.pack("<I", 1) + decode_base58(program))
    assert {row for row in rows(draft.body()) if row[0] == ALICE} == {
        (ALICE, SOL_MINT, -rent, Kind.RENT, new),
        (ALICE, SOL_MINT, -10_000_000, kind, new),
    }


def test_lamports_sent_to_a_mint_are_rent() -> None:
    """A mint of Token-2022 is topped up for the metadata that it holds itself."""
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - 9).lamports(COIN, 5, 14)
    draft.tokens(A_COIN, ALICE, COIN, 0, 30, program=TOKEN_2022)
    draft.call(TOKEN_2022, [COIN, A_COIN, ALICE], mint_to(30))
    draft.call(SYSTEM_PROGRAM, [ALICE, COIN], send(9))
    assert (ALICE, SOL_MINT, -9, Kind.RENT, COIN) in rows(draft.body())


def test_rent_of_an_account_opened_and_closed_here_nets_to_nothing() -> None:
    """Its program gives the rent back without asking: it was rent, never income or payment."""
    new, program, rent = key("new"), key("vault"), (128 + 100) * 6960
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE).lamports(new, 0, 0)
    data = struct.pack("<IQQ", 0, rent, 100) + decode_base58(program)
    draft.call(SYSTEM_PROGRAM, [ALICE, new], data).call(program, [new, ALICE], b"\x01")
    assert rows(draft.body()) == set()


def test_account_opened_and_closed_here_returns_no_more_rent_than_it_got() -> None:
    """What else was put into it and comes out to another was a payment through it."""
    new, program, rent = key("new"), key("vault"), (128 + 100) * 6960
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE - rent - 9).lamports(new, 0, 0)
    draft.lamports(BOB, 0, rent + 9)
    data = struct.pack("<IQQ", 0, rent, 100) + decode_base58(program)
    draft.call(SYSTEM_PROGRAM, [ALICE, new], data).call(SYSTEM_PROGRAM, [ALICE, new], send(9))
    draft.call(program, [new, BOB], b"\x01")
    assert {row for row in rows(draft.body()) if row[0] == BOB} == {
        (BOB, SOL_MINT, rent, Kind.RENT, new),
        (BOB, SOL_MINT, 9, Kind.TRANSFER, new),
    }


def test_ownership_that_changes_hands_moves_the_tokens() -> None:
    """Giving an account away moves its amount from the old owner to the new."""
    draft = Draft(ALICE)
    draft.tokens(A_COIN, ALICE, COIN, 9, None).tokens(A_COIN, BOB, COIN, None, 9)
    draft.call(TOKEN_PROGRAM, [A_COIN, ALICE], b"\x06\x02\x01" + decode_base58(BOB))
    assert rows(draft.body()) == {
        (ALICE, COIN, -9, Kind.TRANSFER, BOB),
        (BOB, COIN, 9, Kind.TRANSFER, ALICE),
    }


def test_undecodable_instruction_is_an_anomaly() -> None:
    """A truncated transfer is reported, and what the chain says moved is still accounted for."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 30, 0).tokens(B_COIN, BOB, COIN, 0, 30)
    draft.call(TOKEN_PROGRAM, [A_COIN, B_COIN, ALICE], b"\x03\x01")
    found = normalize(draft.body())
    assert isinstance(found, NormalizedTransaction)
    assert [each.code for each in found.anomalies] == ["undecoded"]
    assert (ALICE, COIN, -30, Kind.TRANSFER, BOB) in unmarked(found)


def test_deposit_in_a_closed_account_is_no_rent() -> None:
    """An account emptied of far more than rent paid out a deposit."""
    escrow, deposit = key("escrow"), 5 * 10**9
    draft = Draft(ALICE).lamports(ALICE, START, START - FEE + deposit).lamports(escrow, deposit, 0)
    draft.call(key("program"), [escrow, ALICE], b"\x01")
    assert (ALICE, SOL_MINT, deposit, Kind.TRANSFER, escrow) in rows(draft.body())


def test_withheld_fees_that_are_collected_come_from_nobody() -> None:
    """Withdrawing what a mint withheld gives it to the collector, without a giver."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 0, 30, program=TOKEN_2022)
    draft.call(TOKEN_2022, [COIN, A_COIN, ALICE], b"\x1a\x02")
    assert rows(draft.body()) == {(ALICE, COIN, 30, Kind.TRANSFER_FEE, None)}
