"""Owners of 2021, when balances did not name them."""

from hashlib import sha256

import pytest

from oof.domain.transactions.addresses import (
    ASSOCIATED_TOKEN,
    TOKEN,
    Derivation,
    is_on_curve,
)
from oof.domain.transactions.base58 import decode_base58, encode_base58
from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from tests.unit.domain.transactions.building import (
    CLOSE,
    OPEN,
    TOKEN_PROGRAM,
    TOKEN_RENT,
    Draft,
    create,
    key,
    transfer,
    unmarked,
)

ALICE, BOB, COIN = key("alice"), key("bob"), key("coin")
A_COIN, B_COIN = key("alice coin"), key("bob coin")
WALLET = "8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR"


def derive(owner: str, mint: str) -> str:
    """Derive an associated account as the chain does: the first bump that is off the curve."""
    for bump in range(255, 0, -1):
        parts = decode_base58(owner) + decode_base58(TOKEN) + decode_base58(mint)
        program = decode_base58(ASSOCIATED_TOKEN)
        digest = sha256(parts + bytes([bump]) + program + b"ProgramDerivedAddress").digest()
        if not is_on_curve(encode_base58(digest)):
            return encode_base58(digest)
    raise AssertionError("no bump is off the curve")


def read(draft: Draft) -> NormalizedTransaction:
    """Normalize a draft."""
    found = normalize(draft.body())
    assert isinstance(found, NormalizedTransaction)
    return found


def anonymous(*signers: str) -> Draft:
    """Draft a body whose token balances name no owner."""
    draft = Draft(*signers)
    draft.with_owner = False
    return draft


def test_initialization_in_the_transaction_names_the_owner() -> None:
    """An account opened here belongs to whom it was opened for, without any anomaly."""
    draft = anonymous(ALICE).lamports(ALICE, 10**12, 10**12 - 5_000 - TOKEN_RENT)
    draft.lamports(A_COIN, 0, TOKEN_RENT).tokens(A_COIN, ALICE, COIN, None, 4)
    draft.tokens(B_COIN, BOB, COIN, 4, 0)
    draft.call("11111111111111111111111111111111", [ALICE, A_COIN], create(TOKEN_RENT))
    draft.call(TOKEN_PROGRAM, [A_COIN, COIN, ALICE], OPEN)
    draft.call(TOKEN_PROGRAM, [B_COIN, A_COIN, BOB], transfer(4))
    found = read(draft)
    assert (ALICE, COIN, 4, Kind.TRANSFER, BOB) in unmarked(found)
    assert [each.code for each in found.anomalies] == ["owner_inferred"]
    assert found.anomalies[0].detail.startswith(B_COIN)


def test_associated_account_names_its_owner_by_derivation() -> None:
    """A key of the transaction whose associated account it is owns the account."""
    account = derive(ALICE, COIN)
    draft = anonymous(BOB).tokens(account, ALICE, COIN, 0, 4).tokens(B_COIN, BOB, COIN, 4, 0)
    draft.index(ALICE)
    draft.call(TOKEN_PROGRAM, [B_COIN, account, BOB], transfer(4))
    assert (ALICE, COIN, 4, Kind.TRANSFER, BOB) in unmarked(read(draft))


def test_delegate_is_not_taken_for_the_owner() -> None:
    """Who was approved before moving an account's tokens does not own it."""
    delegate = key("delegate")
    draft = anonymous(ALICE).tokens(A_COIN, ALICE, COIN, 4, 0).tokens(B_COIN, BOB, COIN, 0, 4)
    draft.call(TOKEN_PROGRAM, [A_COIN, delegate, ALICE], b"\x04" + bytes(8))
    draft.call(TOKEN_PROGRAM, [A_COIN, B_COIN, delegate], transfer(4))
    found = read(draft)
    assert all(each.owner != delegate for each in found.movements)
    assert (ALICE, COIN, -4, Kind.TRANSFER, B_COIN) in unmarked(found)
    assert [each.detail for each in found.anomalies] == [B_COIN]


@pytest.mark.parametrize(
    ("accounts", "data"),
    [
        ([A_COIN, key("delegate"), ALICE], b"\x04" + bytes(8)),
        ([A_COIN, COIN, key("delegate"), ALICE], b"\x0d" + bytes(8)),
        ([A_COIN, ALICE], b"\x05"),
    ],
)
def test_who_names_or_dismisses_a_delegate_owns_the_account(
    accounts: list[str], data: bytes
) -> None:
    """Only an owner may approve and revoke, so that its account is in no doubt."""
    draft = anonymous(BOB).tokens(A_COIN, ALICE, COIN, 4, 0).tokens(B_COIN, BOB, COIN, 0, 4)
    draft.call(TOKEN_PROGRAM, accounts, data)
    draft.call(TOKEN_PROGRAM, [A_COIN, B_COIN, key("delegate")], transfer(4))
    found = read(draft)
    assert (ALICE, COIN, -4, Kind.TRANSFER, B_COIN) in unmarked(found)
    assert [each.detail for each in found.anomalies] == [B_COIN]


def test_close_authority_is_inferred() -> None:
    """Who closes an account is taken for its owner, and the result says so."""
    draft = anonymous(ALICE).lamports(ALICE, 10**12, 10**12 - 5_000 + TOKEN_RENT)
    draft.lamports(A_COIN, TOKEN_RENT, 0).tokens(A_COIN, ALICE, COIN, 4, None)
    draft.call(TOKEN_PROGRAM, [A_COIN, COIN, ALICE], b"\x08" + (4).to_bytes(8, "little"))
    draft.call(TOKEN_PROGRAM, [A_COIN, ALICE, ALICE], CLOSE)
    found = read(draft)
    assert (ALICE, COIN, -4, Kind.BURN, None) in unmarked(found)
    assert [each.code for each in found.anomalies] == ["owner_inferred"]


def test_owner_that_nothing_tells_is_null() -> None:
    """An account that only receives keeps an unknown owner; its delta is still exact."""
    draft = anonymous(ALICE).tokens(A_COIN, ALICE, COIN, 4, 0).tokens(B_COIN, BOB, COIN, 0, 4)
    draft.call(TOKEN_PROGRAM, [A_COIN, B_COIN, ALICE], transfer(4))
    found = read(draft)
    assert (None, COIN, 4, Kind.TRANSFER, ALICE) in unmarked(found)
    assert ("owner_unknown", B_COIN) in found.anomalies


def test_unchanged_accounts_raise_no_doubt() -> None:
    """An owner that cannot be known is no anomaly where nothing moved."""
    assert read(anonymous(ALICE).tokens(B_COIN, BOB, COIN, 4, 4)).anomalies == ()


def test_balances_state_both_sides_of_what_changed() -> None:
    """Changed accounts keep what the chain said of them, closed ones ending at zero."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 4, None).tokens(B_COIN, BOB, COIN, 1, 5)
    draft.call(TOKEN_PROGRAM, [A_COIN, B_COIN, ALICE], transfer(4))
    found = {tuple(each) for each in read(draft).balances}
    assert (A_COIN, ALICE, COIN, 4, 0) in found
    assert (B_COIN, BOB, COIN, 1, 5) in found


def test_derivation_refuses_what_is_no_key() -> None:
    """Text that is no address derives nothing."""
    assert Derivation([ALICE]).find_owner("0", COIN, None) is None
    assert Derivation(["0", ALICE]).find_owner(A_COIN, COIN, None) is None


def test_wallets_lie_on_the_curve_and_derived_accounts_do_not() -> None:
    """A recorded wallet has a private key, its associated account cannot have one."""
    assert is_on_curve(WALLET)
    assert not is_on_curve(derive(WALLET, COIN))
    assert not is_on_curve("0")
