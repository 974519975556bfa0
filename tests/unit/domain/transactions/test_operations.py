"""Raw instruction data and `jsonParsed` objects decode to the same operations."""

import struct
from typing import Any

import pytest

from oof.domain.transactions.addresses import STAKE, SYSTEM, TOKEN, TOKEN_2022, VOTE
from oof.domain.transactions.base58 import decode_base58, encode_base58
from oof.domain.transactions.body import Instruction
from oof.domain.transactions.operations import MERGED, Act, Operation, read_operations
from tests.unit.domain.transactions.building import key

A, B, C, D = key("a"), key("b"), key("c"), key("d")


def raw(program: str, accounts: list[str], data: bytes) -> Instruction:
    """Give an instruction as `json` states it."""
    return Instruction(program, accounts, encode_base58(data), None, 0, -1, 1, False)


def parsed(program: str, name: str, info: dict[str, Any]) -> Instruction:
    """Give an instruction as `jsonParsed` states it."""
    return Instruction(program, [], "", {"type": name, "info": info}, 0, -1, 1, False)


def u64(*values: int) -> bytes:
    """Pack 64-bit integers."""
    return struct.pack(f"<{len(values)}Q", *values)


SEEDED = decode_base58(C) + u64(2) + b"ab"
SEED = struct.pack("<I", 3) + SEEDED + u64(7, 165)
NEW = {"source": A, "newAccount": B, "lamports": 7, "owner": D}
SENT = {"source": A, "destination": B, "authority": C, "amount": "7"}
CHECKED = {"source": A, "mint": B, "destination": C, "authority": D}
AMOUNT = {"amount": "7", "decimals": 6}

CASES = [
    (
        SYSTEM,
        [A, B],
        struct.pack("<IQ", 2, 7),
        "transfer",
        {"source": A, "destination": B, "lamports": 7},
    ),
    (
        SYSTEM,
        [A, C, B],
        struct.pack("<IQ", 11, 7),
        "transferWithSeed",
        {"source": A, "destination": B, "lamports": 7},
    ),
    (
        SYSTEM,
        [A, B],
        struct.pack("<IQ", 5, 7),
        "withdrawFromNonce",
        {"nonceAccount": A, "destination": B, "lamports": 7},
    ),
    (
        SYSTEM,
        [A, B],
        struct.pack("<IQQ", 0, 7, 1) + decode_base58(D),
        "createAccount",
        NEW | {"space": 1},
    ),
    (SYSTEM, [A, B], SEED + decode_base58(D), "createAccountWithSeed", NEW | {"space": 165}),
    (
        SYSTEM,
        [B, A],
        struct.pack("<IQQ", 13, 7, 1) + decode_base58(D),
        "createAccountAllowPrefund",
        NEW | {"space": 1},
    ),
    (SYSTEM, [A], struct.pack("<IQ", 8, 1), "allocate", {"account": A, "space": 1}),
    (
        SYSTEM,
        [A],
        struct.pack("<I", 9) + SEEDED + u64(165) + decode_base58(D),
        "allocateWithSeed",
        {"account": A, "space": 165, "owner": D},
    ),
    (
        SYSTEM,
        [A],
        struct.pack("<I", 1) + decode_base58(D),
        "assign",
        {"account": A, "owner": D},
    ),
    (
        SYSTEM,
        [A],
        struct.pack("<I", 10) + SEEDED + decode_base58(D),
        "assignWithSeed",
        {"account": A, "owner": D},
    ),
    (TOKEN, [A, B, C], b"\x03" + u64(7), "transfer", SENT),
    (
        TOKEN,
        [A, B, C, D],
        b"\x0c" + u64(7) + b"\x06",
        "transferChecked",
        CHECKED | {"tokenAmount": AMOUNT},
    ),
    (
        TOKEN_2022,
        [A, B, C, D],
        b"\x1a\x01" + u64(7) + b"\x06" + u64(1),
        "transferCheckedWithFee",
        CHECKED | {"tokenAmount": AMOUNT, "feeAmount": {"amount": "1"}},
    ),
    (
        TOKEN,
        [A, B, C],
        b"\x01",
        "initializeAccount",
        {"account": A, "mint": B, "owner": C},
    ),
    (
        TOKEN,
        [A, B],
        b"\x12" + decode_base58(C),
        "initializeAccount3",
        {"account": A, "mint": B, "owner": C},
    ),
    (TOKEN, [A, B, C], b"\x04" + u64(7), "approve", {"source": A, "delegate": B, "owner": C}),
    (TOKEN, [A, C], b"\x05", "revoke", {"source": A, "multisigOwner": C}),
    (
        TOKEN,
        [A, C],
        b"\x06\x02\x01" + decode_base58(B),
        "setAuthority",
        {"account": A, "authorityType": "accountOwner", "newAuthority": B, "authority": C},
    ),
    (
        TOKEN,
        [A, B, C],
        b"\x07" + u64(7),
        "mintTo",
        {"mint": A, "account": B, "amount": "7"},
    ),
    (
        TOKEN,
        [A, B, C],
        b"\x08" + u64(7),
        "burn",
        {"account": A, "mint": B, "authority": C, "amount": "7"},
    ),
    (
        TOKEN,
        [A, B, C],
        b"\x09",
        "closeAccount",
        {"account": A, "destination": B, "multisigOwner": C},
    ),
    (TOKEN, [A], b"\x11", "syncNative", {"account": A}),
    (
        TOKEN,
        [A, B, C],
        b"\x2d\x01" + u64(7),
        "unwrapLamports",
        {"source": A, "destination": B, "authority": C, "amount": "7"},
    ),
    (
        TOKEN_2022,
        [A, B, C],
        b"\x1a\x02",
        "withdrawWithheldTokensFromMint",
        {"mint": A, "feeRecipient": B},
    ),
    (
        STAKE,
        [A, B],
        struct.pack("<IQ", 4, 7),
        "withdraw",
        {"stakeAccount": A, "destination": B, "lamports": 7},
    ),
    (
        STAKE,
        [A, B],
        struct.pack("<IQ", 3, 7),
        "split",
        {"stakeAccount": A, "newSplitAccount": B, "lamports": 7},
    ),
    (STAKE, [B, A], struct.pack("<I", 7), "merge", {"source": A, "destination": B}),
    (
        VOTE,
        [A, B],
        struct.pack("<IQ", 3, 7),
        "withdraw",
        {"voteAccount": A, "destination": B, "lamports": 7},
    ),
]


@pytest.mark.parametrize(("program", "accounts", "data", "name", "info"), CASES)
def test_encodings_decode_alike(
    program: str, accounts: list[str], data: bytes, name: str, info: dict[str, Any]
) -> None:
    """Both forms of one instruction give one and the same operation."""
    (found,) = read_operations(raw(program, accounts, data))
    assert (found,) == read_operations(parsed(program, name, info))
    assert found.source == A


def test_merge_and_full_unwrapping_take_all_there_is() -> None:
    """Where no amount is stated, all of it moves."""
    (merged,) = read_operations(raw(STAKE, [B, A], struct.pack("<I", 7)))
    (unwrapped,) = read_operations(raw(TOKEN, [A, B, C], b"\x2d\x00"))
    assert merged.amount == unwrapped.amount == MERGED
    assert (
        unwrapped
        == read_operations(
            parsed(TOKEN, "unwrapLamports", {"source": A, "destination": B, "authority": C})
        )[0]
    )


@pytest.mark.parametrize(
    "instruction",
    [
        raw(key("program"), [A], b"\x03"),
        raw(SYSTEM, [A], struct.pack("<I", 4)),
        raw(TOKEN, [A], b"\x15\x07\x00"),
        raw(TOKEN, [A, B], b"\x06\x03\x00"),
        raw(TOKEN_2022, [A], b"\x1a\x04"),
        raw(STAKE, [A], struct.pack("<I", 5)),
        raw(VOTE, [A], struct.pack("<I", 2)),
        parsed(TOKEN, "getAccountDataSize", {"mint": A}),
        parsed(TOKEN, "transfer", None),  # type: ignore[arg-type]  # as broken as it comes
    ],
)
def test_what_moves_nothing_gives_nothing(instruction: Instruction) -> None:
    """Instructions that leave balances alone decode to no operation."""
    assert read_operations(instruction) == ()


def test_other_authorities_move_no_tokens() -> None:
    """Setting another authority than the owner's is no change of hands."""
    info = {"mint": A, "authorityType": "mintTokens", "newAuthority": B, "authority": C}
    (found,) = read_operations(parsed(TOKEN, "setAuthority", info))
    assert found == Operation(Act.APPROVE, "", "", 0, "", "", 0)


@pytest.mark.parametrize(
    "instruction",
    [
        raw(SYSTEM, [A, B], struct.pack("<I", 2)),
        raw(SYSTEM, [A, B], struct.pack("<IQ", 0, 1)),
        raw(SYSTEM, [A], struct.pack("<IQ", 2, 1)),
        raw(TOKEN, [], b"\x09"),
        raw(TOKEN, [A], b""),
        parsed(TOKEN, "transfer", {"source": A}),
        parsed(TOKEN, "transfer", SENT | {"amount": "many"}),
        parsed(TOKEN, "closeAccount", {"account": 1, "destination": B}),
    ],
)
def test_broken_layout_raises(instruction: Instruction) -> None:
    """An instruction without the prescribed layout raises one of the documented faults."""
    with pytest.raises((IndexError, KeyError, TypeError, ValueError)):
        read_operations(instruction)
