"""Splitting documents into bodies."""

import orjson
import pytest

from oof.domain.transactions.bodies import read_bodies, split_bodies
from oof.domain.transactions.model import Unreadable

ONE, TWO = {"meta": {"fee": 1}}, {"meta": {"fee": 2}}


@pytest.mark.parametrize(
    ("document", "bodies"),
    [
        (ONE, [ONE]),
        ([ONE, TWO], [ONE, TWO]),
        ({"jsonrpc": "2.0", "result": ONE, "id": 1}, [ONE]),
        ({"payload": [ONE, TWO]}, [ONE, TWO]),
        ({"result": {"data": [TWO], "paginationToken": "1:2"}}, [TWO]),
        ([{"result": ONE}, {"result": TWO}], [ONE, TWO]),
        ([], []),
    ],
)
def test_bodies_come_out_in_order(document: object, bodies: list[object]) -> None:
    """Each wrapper that providers use gives the bodies inside it."""
    assert list(read_bodies(orjson.dumps(document))) == bodies


def test_block_tells_its_transactions_their_place() -> None:
    """Transactions of a block get its slot and time, and their index in it."""
    block = {"result": {"slot": 5, "blockTime": 9, "transactions": [ONE, TWO]}}
    first, second = split_bodies(block)
    assert first == {"slot": 5, "blockTime": 9, "transactionIndex": 0} | ONE
    assert second == {"slot": 5, "blockTime": 9, "transactionIndex": 1} | TWO


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_json"),
        ("null", "null_result"),
        ('{"result": null}', "null_result"),
        ('{"error": {"code": -32009, "message": "slot was skipped"}}', "provider_error"),
        ('{"result": null, "error": {"message": "x"}}', "provider_error"),
        ("7", "not_a_transaction"),
        ('{"transactions": ["base64"]}', "not_a_transaction"),
        ("[" * 40 + "]" * 40, "too_deep"),
    ],
)
def test_what_is_no_body_is_accounted_for(text: str, code: str) -> None:
    """Bad JSON, nulls and provider errors come back as values."""
    (found,) = read_bodies(text)
    assert isinstance(found, Unreadable)
    assert found.code == code
