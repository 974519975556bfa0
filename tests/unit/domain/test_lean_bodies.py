"""What bodies taken apart leave out, and that it comes back."""

import base64
from hashlib import sha256
from typing import Any

import pytest

from oof.domain.lean_bodies import lean, restore
from oof.domain.lean_columns import Column, ColumnReader, KnownKeys
from oof.domain.lean_logs import invocations
from oof.domain.transactions.addresses import ASSOCIATED_TOKEN, TOKEN
from oof.domain.transactions.base58 import decode_base58, encode_base58
from tests.support.transactions import address, signature

NONE_KNOWN = KnownKeys(b"")
OWNER, MINT, PROGRAM, OTHER = (address(name) for name in ("owner", "mint", "program", "other"))
SIGNATURE_BYTES = 64
KEY_BYTES = 32


def associated(bump: int) -> str:
    """Return the owner's associated account, as if `bump` had been the first off the curve."""
    ending = bytes([bump]) + decode_base58(ASSOCIATED_TOKEN) + b"ProgramDerivedAddress"
    seeds = b"".join(map(decode_base58, (OWNER, TOKEN, MINT)))
    return encode_base58(sha256(seeds + ending).digest())


def balance(raw: str) -> dict[str, Any]:
    """Return a token balance of the second account."""
    return {
        "accountIndex": 1,
        "mint": MINT,
        "owner": OWNER,
        "programId": TOKEN,
        "uiTokenAmount": {
            "amount": raw,
            "decimals": 2,
            "uiAmount": int(raw) / 100,
            "uiAmountString": f"{int(raw) / 100:g}",
        },
    }


def body(account: str, *, data: bytes = b"\x09") -> dict[str, Any]:
    """Return a transaction of one call that moves the account's tokens."""
    call = {"accounts": [0, 1], "data": encode_base58(data), "programIdIndex": 2}
    return {
        "slot": 5,
        "transaction": {
            "signatures": [signature("a")],
            "message": {"accountKeys": [OWNER, account, PROGRAM], "instructions": [call]},
        },
        "meta": {
            "err": None,
            "innerInstructions": [{"index": 0, "instructions": [call | {"programIdIndex": 0}]}],
            "preBalances": [10**12, 1, 2],
            "postBalances": [10**12, 1, 2],
            "preTokenBalances": [balance("1500")],
            "postTokenBalances": [balance("250")],
            "logMessages": [
                f"Program {PROGRAM} invoke [1]",
                f"Program {OWNER} invoke [2]",
                f"Program {OWNER} consumed 300 of 1700 compute units",
                f"Program {OWNER} success",
                f"Program log: {MINT}",
                "Program data: " + base64.b64encode(b"event" + decode_base58(MINT)).decode(),
                f"Program return: {PROGRAM} AQID",
                f"Program {PROGRAM} consumed 1000 of 2000 compute units",
                f"Program {PROGRAM} failed: custom program error: 0x1",
            ],
        },
    }


@pytest.mark.parametrize("bump", [255, 250])
def test_an_associated_account_is_left_out(bump):
    """Its address follows from owner and mint; any other account's is kept."""
    left_out = lean(body(associated(bump)), NONE_KNOWN)
    kept = lean(body(OTHER), NONE_KNOWN)

    assert len(kept.apart) - len(left_out.apart) == KEY_BYTES
    assert restore(*left_out, NONE_KNOWN) == body(associated(bump))


def test_a_key_is_kept_once():
    """Balances, logs and data that name a key do not repeat it."""
    taken = lean(body(OTHER, data=b"\x06" + decode_base58(OWNER)), NONE_KNOWN)

    keys = (OWNER, OTHER, PROGRAM, MINT, TOKEN)
    assert len(taken.apart) == SIGNATURE_BYTES + len(keys) * KEY_BYTES
    assert all(taken.apart.count(decode_base58(key)) == 1 for key in keys)
    assert not any(decode_base58(key) in taken.columns for key in keys)


def test_known_keys_are_left_out():
    """A key of the dictionary is a number, and comes back from the same table only."""
    known = KnownKeys(b"".join(map(decode_base58, (MINT, TOKEN, PROGRAM))))

    taken = lean(body(OTHER), known)

    assert len(taken.apart) == SIGNATURE_BYTES + 2 * KEY_BYTES
    assert restore(*taken, known) == body(OTHER)
    with pytest.raises(IndexError):
        restore(*taken, NONE_KNOWN)


def test_logs_of_calls_name_no_program():
    """Who is called follows from the instructions, so logs add no key."""
    silent = body(OTHER)
    silent["meta"]["logMessages"] = []
    lines = body(OTHER)["meta"]["logMessages"]
    spoken = body(OTHER)
    spoken["meta"]["logMessages"] = [line for line in lines if "log:" not in line]

    added = len(lean(spoken, NONE_KNOWN).columns) - len(lean(silent, NONE_KNOWN).columns)

    assert added < sum(map(len, lines)) / 6
    assert restore(*lean(spoken, NONE_KNOWN), NONE_KNOWN) == spoken


def test_calls_are_listed_in_the_order_they_run():
    """An instruction's own calls follow it; malformed instructions tell nothing."""
    outer = [{"programIdIndex": 0}, {"programId": "second"}]
    inner = [{"index": 0, "instructions": [{"programIdIndex": 1}, {"programId": "deep"}]}]

    assert invocations(outer, inner, ["first", "called"]) == ["first", "called", "deep", "second"]
    assert invocations(outer, inner, []) == []
    assert invocations([None], [], ["first"]) == []


@pytest.mark.parametrize("number", [0, 1, -1, 63, -64, 64, 127, 128, -128, 2**64, -(2**63), 10**30])
def test_numbers_come_back(number):
    """Any whole number is written in as many bytes as it needs."""
    column = Column()
    column.signed(number)
    column.varint(abs(number))
    column.text("ü")

    reader = ColumnReader(bytes(column))

    assert (reader.signed(), reader.varint(), reader.text()) == (number, abs(number), "ü")
    with pytest.raises(IndexError):
        reader.byte()
