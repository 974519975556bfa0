"""Billed units of single AWS requests, as the pages of `prices` define them."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

from local.bench.bill import Usage
from local.bench.prices import QUEUE_CHUNK_BYTES, WRITE_UNIT_BYTES, Item

_OBJECTS = {
    "PutObject": Item.OBJECT_WRITES,
    "ListObjects": Item.OBJECT_WRITES,
    "GetObject": Item.OBJECT_READS,
    "HeadObject": Item.OBJECT_READS,
}


def request_units(source: str, name: str, parameters: Mapping[str, Any]) -> Usage:
    """What one request is billed as; nothing for those that are free or billed elsewhere.

    Args:
        source: the service, such as `dynamodb`.
        name: the operation, such as `PutItem`.
        parameters: what was sent, where the protocol is JSON.
    """
    if source == "dynamodb":
        return _table_units(name, parameters)
    if source == "sqs":
        return _queue_units(name, parameters)
    if source == "s3" and name in _OBJECTS:
        return Usage({_OBJECTS[name]: 1})
    if source == "secretsmanager":
        return Usage({Item.VAULT_READS: 1})
    return Usage()


def _table_units(name: str, parameters: Mapping[str, Any]) -> Usage:
    if name == "PutItem":
        return Usage({Item.TABLE_WRITES: _write_units(parameters["Item"])})
    if name in {"UpdateItem", "DeleteItem"}:
        return Usage({Item.TABLE_WRITES: 1})
    if name == "TransactWriteItems":
        puts: Iterable[Mapping[str, Any]] = (
            each.get("Put", {}).get("Item", {}) for each in parameters["TransactItems"]
        )
        return Usage({Item.TABLE_WRITES: sum(2 * _write_units(item) for item in puts)})
    if name in {"GetItem", "Query"}:
        return Usage({Item.TABLE_READS: 1})
    return Usage()


def _write_units(item: Mapping[str, Any]) -> int:
    return max(1, _chunks(item_bytes(item), WRITE_UNIT_BYTES))


def item_bytes(item: Mapping[str, Any]) -> int:
    """The size of an item in DynamoDB's wire form, as it is counted: names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    if kind == "S":
        return len(value.encode())
    if kind == "N":
        digits = value.lstrip("-").replace(".", "")
        return _chunks(len(digits), 2) + 1 + int(value.startswith("-"))
    if kind == "B":
        return len(base64.b64decode(value))
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "M":
        return 3 + item_bytes(value)
    # lists and sets, which nothing here is exact about: their text is longer than what is counted
    return len(json.dumps(value))


def _queue_units(name: str, parameters: Mapping[str, Any]) -> Usage:
    """A send is billed by its payload; a batch of ten as one request where it fits one chunk."""
    if name == "SendMessage":
        bodies = [parameters["MessageBody"]]
    elif name == "SendMessageBatch":
        bodies = [entry["MessageBody"] for entry in parameters["Entries"]]
    else:
        bodies = []
    is_fifo = str(parameters.get("QueueUrl", "")).endswith(".fifo")
    size = sum(len(body.encode()) for body in bodies)
    item = Item.FIFO_SENDS if is_fifo else Item.QUEUE_SENDS
    return Usage({item: max(1, _chunks(size, QUEUE_CHUNK_BYTES))})


def _chunks(size: int, of: int) -> int:
    return -(-size // of)
