"""Split what a provider or a file hands over into transaction bodies.

A document is a bare `getTransaction` result, `{"result": …}`, an array, a webhook's
`{"payload": […]}`, a `getTransactionsForAddress` page (`{"data": […]}`) or a `getBlock` result
(`{"transactions": […]}`), nested in any order.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from oof.domain.transactions.model import Unreadable

_WRAPPERS = ("result", "payload", "data", "transactions")
_MAX_DEPTH = 16


def read_bodies(text: bytes | str) -> Iterator[Any | Unreadable]:
    """Decode one document and yield its bodies in order; bad JSON is one `Unreadable`."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        yield Unreadable("bad_json", str(fault))
        return
    yield from split_bodies(document)


def split_bodies(document: Any, depth: int = 0) -> Iterator[Any | Unreadable]:
    """Yield the transaction bodies of a decoded document, in order.

    A body that is null or an error of the provider is yielded as `Unreadable`, so that every
    element stays accounted for.
    """
    if depth > _MAX_DEPTH:
        yield Unreadable("too_deep", f"more than {_MAX_DEPTH} wrappers")
    elif isinstance(document, list):
        for element in document:
            yield from split_bodies(element, depth + 1)
    elif document is None:
        yield Unreadable("null_result", "the body is null")
    elif not isinstance(document, dict):
        yield Unreadable("not_a_transaction", f"expected an object, not {_name(document)}")
    else:
        yield from _split_object(document, depth)


def _split_object(document: dict[str, Any], depth: int) -> Iterator[Any | Unreadable]:
    if "meta" in document or "accountData" in document:
        yield document
        return
    wrapper = next((name for name in _WRAPPERS if name in document), None)
    if wrapper is None:
        if "error" in document:
            yield Unreadable("provider_error", _describe(document["error"]))
        else:
            yield document
    elif wrapper == "transactions" and isinstance(document[wrapper], list):
        yield from _split_block(document)
    elif "error" in document and document[wrapper] is None:
        yield Unreadable("provider_error", _describe(document["error"]))
    else:
        yield from split_bodies(document[wrapper], depth + 1)


def _split_block(block: dict[str, Any]) -> Iterator[Any | Unreadable]:
    """Yield a block's transactions, each told its slot, time and place in the block."""
    for index, element in enumerate(block["transactions"]):
        if not isinstance(element, dict):
            yield Unreadable("not_a_transaction", f"expected an object, not {_name(element)}")
            continue
        shared = {"slot": block.get("slot"), "blockTime": block.get("blockTime")}
        yield {**shared, "transactionIndex": index, **element}


def _describe(error: Any) -> str:
    message = error.get("message") if isinstance(error, dict) else None
    return str(message or error)[:200]


def _name(value: Any) -> str:
    return type(value).__name__
