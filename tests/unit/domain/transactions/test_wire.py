"""Transactions in base64 and base58, as nodes give them when asked to."""

import base64
from typing import Any

import pytest

from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from tests.support.metamorphs import encode_message
from tests.unit.domain.transactions.building import SYSTEM_PROGRAM, Draft, key, send

ALICE, BOB = key("alice"), key("bob")


def payment() -> dict[str, Any]:
    """Draft a payment of 700 lamports, with a memo of more than 127 bytes."""
    draft = Draft(ALICE).lamports(ALICE, 10**9, 10**9 - 5_700).lamports(BOB, 5, 705)
    return draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(700)).call(BOB, [], bytes(300)).body()


@pytest.mark.parametrize("version", [None, 0])
@pytest.mark.parametrize("encoding", ["base64", "base58", ""])
def test_encoded_transaction_reads_as_its_object(version: int | None, encoding: str) -> None:
    """Bytes hold what the object does, in either encoding, legacy or versioned."""
    body = payment()
    data = encode_message(body, version)
    text = base64.b64encode(data).decode() if encoding == "base64" else encode_base58(data)
    encoded: Any = [text, encoding] if encoding else text
    found = normalize({**body, "transaction": encoded})
    assert isinstance(found, NormalizedTransaction)
    assert found == normalize(body)


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        (["AAAA", "base64"], "bad_encoding"),
        (["AQ", "base64"], "bad_encoding"),
        (["////", "base64"], "bad_encoding"),
        (["not base58!", "base58"], "bad_encoding"),
        (["AAAA", "base32"], "no_transaction"),
        (["AAAA"], "no_transaction"),
        ([1, "base64"], "no_transaction"),
        (17, "no_transaction"),
        ("", "bad_encoding"),
    ],
)
def test_what_is_no_encoded_transaction_is_unreadable(encoded: Any, code: str) -> None:
    """Bytes cut short, and what is no encoding, are told apart, and nothing raises."""
    found = normalize({**payment(), "transaction": encoded})
    assert isinstance(found, Unreadable)
    assert found.code == code


def test_bytes_cut_anywhere_are_unreadable() -> None:
    """However much of a transaction is missing, it is unreadable, not another transaction."""
    data = encode_message(payment(), 0)
    for end in range(len(data) - 1):
        text = base64.b64encode(data[:end]).decode()
        assert isinstance(normalize({**payment(), "transaction": [text, "base64"]}), Unreadable)
