"""Every encoding of a body reads into the same shape; what is incomplete says why."""

import base64
from typing import Any

import pytest

from oof.domain.transactions.base58 import (
    LONGEST_BASE58,
    decode_base58,
    decode_base64,
    encode_base58,
)
from oof.domain.transactions.body import Body, read_body
from oof.domain.transactions.model import Kind, NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from tests.unit.domain.transactions.building import (
    SYSTEM_PROGRAM,
    TOKEN_PROGRAM,
    Draft,
    key,
    send,
    transfer,
)

ALICE, BOB, COIN = key("alice"), key("bob"), key("coin")
A_COIN, B_COIN = key("alice coin"), key("bob coin")


def sent() -> Draft:
    """Draft Alice sending Bob lamports."""
    draft = Draft(ALICE).lamports(ALICE, 10**12, 10**12 - 5_000 - 9).lamports(BOB, 0, 9)
    return draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(9))


def paid() -> Draft:
    """Draft Alice sending Bob coins from an invoked instruction."""
    draft = Draft(ALICE).tokens(A_COIN, ALICE, COIN, 5, 1).tokens(B_COIN, BOB, COIN, 0, 4)
    draft.call(key("program"), [ALICE])
    return draft.invoke(TOKEN_PROGRAM, [A_COIN, B_COIN, ALICE], transfer(4))


def parsed(body: dict[str, Any]) -> dict[str, Any]:
    """Rewrite a body of `sent` as `jsonParsed`."""
    message = body["transaction"]["message"]
    keys = message["accountKeys"]
    signers = message.pop("header")["numRequiredSignatures"]
    message["accountKeys"] = [
        {"pubkey": each, "signer": index < signers, "writable": True, "source": "transaction"}
        for index, each in enumerate(keys)
    ]
    message["instructions"] = [
        {
            "program": "system",
            "programId": SYSTEM_PROGRAM,
            "parsed": {
                "type": "transfer",
                "info": {"source": ALICE, "destination": BOB, "lamports": 9},
            },
        }
    ]
    return body


def protobuf(body: dict[str, Any]) -> dict[str, Any]:
    """Rewrite a body as Yellowstone protobuf JSON: base64, no `err`, numbers as text."""
    message = body["transaction"]["message"]
    meta = body["meta"]
    del meta["err"]
    meta["fee"] = str(meta["fee"])
    message["recentBlockhash"] = base64.b64encode(bytes(32)).decode()
    entries = list(message["instructions"])
    for group in meta["innerInstructions"]:
        entries += group["instructions"]
        for entry in group["instructions"]:
            entry["accounts"] = base64.b64encode(bytes(entry["accounts"])).decode()
    for entry in entries:
        entry["data"] = base64.b64encode(decode_base58(entry["data"])).decode()
    return body


@pytest.mark.parametrize("draft", [sent, paid])
def test_protobuf_reads_like_json(draft: Any) -> None:
    """Base64 data and accounts give the same movements as base58 and indexes."""
    assert normalize(protobuf(draft().body())) == normalize(draft().body())


def test_parsed_reads_like_json() -> None:
    """`jsonParsed` gives the same movements as raw data."""
    assert normalize(parsed(sent().body())) == normalize(sent().body())


def test_looked_up_keys_follow_the_static_ones() -> None:
    """Writable look-up keys come before readonly ones, after the message's own."""
    body = paid().body()
    keys = body["transaction"]["message"]["accountKeys"]
    body["version"] = 0
    body["transaction"]["message"]["accountKeys"] = keys[:1]
    body["meta"]["loadedAddresses"] = {"writable": keys[1:3], "readonly": keys[3:]}
    assert normalize(body) == normalize(paid().body())


@pytest.mark.parametrize("field", ["transactionIndex", "indexWithinBlock"])
def test_index_in_the_block_is_read_under_either_name(field: str) -> None:
    """Pages and webhooks spell a transaction's place in its block differently."""
    body = read_body(sent().body() | {field: 7})
    assert isinstance(body, Body)
    assert body.tx_index == 7


@pytest.mark.parametrize("field", ["blockTime", "blocktime"])
def test_time_is_read_under_either_spelling(field: str) -> None:
    """Webhooks spell the block's time in two ways."""
    raw = sent().body()
    del raw["blockTime"]
    body = read_body(raw | {field: 12})
    assert isinstance(body, Body)
    assert body.block_time == 12


def test_precompile_signatures_cost_base_fee() -> None:
    """A verified ed25519 signature is charged like the transaction's own."""
    draft = sent()
    draft.fee = 13_000
    draft.post[ALICE] = 10**12 - 13_000 - 9
    draft.call("Ed25519SigVerify111111111111111111111111111", [], b"\x01\x00")
    found = normalize(draft.body())
    assert isinstance(found, NormalizedTransaction)
    fees = {each.kind: each.delta_raw for each in found.movements if each.owner == ALICE}
    assert (fees[Kind.NETWORK_FEE], fees[Kind.PRIORITY_FEE]) == (-10_000, -3_000)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "null_result"),
        ([], "not_a_transaction"),
        ({"meta": None}, "no_meta"),
        ({"meta": {}}, "no_transaction"),
        ({"meta": {}, "transaction": {}}, "no_message"),
        ({"meta": {}, "transaction": {"message": {}}}, "no_signature"),
        (
            {"meta": {}, "transaction": {"message": {}, "signatures": ["1"]}},
            "no_account_keys",
        ),
    ],
)
def test_incomplete_body_says_what_is_missing(raw: Any, code: str) -> None:
    """What is no complete transaction comes back as a value with a stable code."""
    found = normalize(raw)
    assert isinstance(found, Unreadable)
    assert found.code == code


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("fee", "many", "bad_number"),
        ("fee", -1, "bad_number"),
        ("preBalances", [1], "bad_balances"),
        ("postTokenBalances", {}, "bad_token_balances"),
        ("postTokenBalances", [{"accountIndex": 99, "mint": "x"}], "bad_token_balances"),
    ],
)
def test_broken_balances_make_a_body_unreadable(field: str, value: Any, code: str) -> None:
    """Without sound balances nothing can be said exactly, so nothing is."""
    raw = sent().body()
    raw["meta"][field] = value
    found = normalize(raw)
    assert isinstance(found, Unreadable)
    assert found.code == code


def test_broken_instruction_is_left_out_with_an_anomaly() -> None:
    """An instruction that points nowhere costs an anomaly, not the transaction."""
    raw = sent().body()
    raw["transaction"]["message"]["instructions"][0]["programIdIndex"] = 200
    found = normalize(raw)
    assert isinstance(found, NormalizedTransaction)
    assert [each.code for each in found.anomalies] == ["bad_instruction"]


def test_orphan_inner_instructions_are_an_anomaly() -> None:
    """Inner instructions of an instruction that is not there are reported."""
    raw = sent().body()
    raw["meta"]["innerInstructions"] = [{"index": 9, "instructions": []}]
    found = normalize(raw)
    assert isinstance(found, NormalizedTransaction)
    assert [each.code for each in found.anomalies] == ["orphan_inner"]


@pytest.mark.parametrize("size", [0, 1, 8, 9, 10, 31, 32, 33, 64, 200])
@pytest.mark.parametrize("zeros", [0, 1, 3])
def test_base58_round_trips(size: int, zeros: int) -> None:
    """Decoding what was encoded gives the same bytes, leading zeros included."""
    data = bytes(zeros) + bytes((7 * index + 1) % 256 for index in range(size))
    assert decode_base58(encode_base58(data)) == data


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "+", " "])
def test_base58_refuses_other_characters(text: str) -> None:
    """Characters outside the alphabet are refused by name."""
    with pytest.raises(ValueError, match="not base58"):
        decode_base58(text)


def test_base64_refuses_what_is_none() -> None:
    """Text that cannot be base64 is refused."""
    with pytest.raises(ValueError, match="not base64"):
        decode_base64("a")


def test_base58_refuses_more_than_an_instruction_can_hold() -> None:
    """Decoding costs the square of the length, so what cannot be instruction data is refused."""
    assert len(decode_base58("2" * LONGEST_BASE58)) > 10_240
    with pytest.raises(ValueError, match="letters"):
        decode_base58("2" * (LONGEST_BASE58 + 1))
