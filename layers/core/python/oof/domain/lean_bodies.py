"""A shorter, binary form of a transaction's JSON, from which the very same value is restored.

MessagePack with object keys in one order, and

* text that is base58 of some bytes → those bytes, as extension `BASE58`;
* `Program data: …` of the log → its base64's bytes, as extension `BASE64`;
* `Program P success`, `Program P invoke [n]`, `Program P consumed a of b compute units` of the log
  → `P`, `[P, n]`, `[P, a, b]` with P as bytes;
* a token balance's amount, which is stated three times over, → what the other two follow from::

    {"amount": "1500", "decimals": 2, "uiAmount": 15.0, "uiAmountString": "15"}  →  ["1500", 2]
    the same with `uiAmount` null (as zero was once written)                     →  ["0", 2, null]

Anything else stays as it is. A body may hold anything where one of these is expected, so whoever
uses this checks that `restore` gives the value back.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeIs

import msgpack

from oof.domain.transactions.base58 import decode_base58, encode_base58

BASE58: Final = 58
BASE64: Final = 64
_KEYS: Final = range(32, 89)
"""Lengths of text that may be an address, a hash or a signature."""
_DATA: Final = "data"
_LOGS: Final = "logMessages"
_AMOUNT: Final = "uiTokenAmount"
_MAX_DIGITS: Final = 20
_MAX_DECIMALS: Final = 22
"""Up to here a power of ten is exact as a float, so the division is the provider's own."""

_IS_BASE58: Final = re.compile("[1-9A-HJ-NP-Za-km-z]+").fullmatch
_PROGRAM: Final = "Program ([1-9A-HJ-NP-Za-km-z]{32,44}) "
_LOG: Final = re.compile(
    f"{_PROGRAM}(?:success|invoke \\[(\\d+)\\]|consumed (\\d+) of (\\d+) compute units)"
).fullmatch
_PROGRAM_DATA: Final = "Program data: "


def lean(body: Any) -> bytes:
    """Return the binary form of a decoded JSON value.

    Raises OverflowError or ValueError for what MessagePack cannot hold.
    """
    return bytes(msgpack.packb(_lean(body, "")))


def restore(data: bytes) -> Any:
    """Undo `lean`. Raises ValueError where `data` is no such form."""
    return _restore(msgpack.unpackb(data, strict_map_key=False), "")


def _lean(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        if key == _AMOUNT:
            return _shorten(value) or value
        return {name: _lean(value[name], name) for name in sorted(value)}
    if isinstance(value, list):
        part = _lean_log if key == _LOGS else _lean
        return [part(each, key) for each in value]
    if isinstance(value, str) and (key == _DATA or len(value) in _KEYS) and _IS_BASE58(value):
        return msgpack.ExtType(BASE58, _decoded(value))
    return value


def _restore(value: Any, key: str) -> Any:
    if isinstance(value, dict):
        return {name: _restore(each, name) for name, each in value.items()}
    if isinstance(value, list):
        if key == _AMOUNT:
            return _stated(value)
        part = _restore_log if key == _LOGS else _restore
        return [part(each, key) for each in value]
    if isinstance(value, msgpack.ExtType):
        return _encoded(value.data)
    return value


def _lean_log(line: Any, _key: str) -> Any:
    if not isinstance(line, str):
        return line
    if line.startswith(_PROGRAM_DATA):
        try:
            return msgpack.ExtType(BASE64, base64.b64decode(line[len(_PROGRAM_DATA) :]))
        except binascii.Error:
            return line
    found = _LOG(line)
    if found is None:
        return line
    program, depth, used, limit = found.groups()
    if depth is not None:
        return [_decoded(program), int(depth)]
    return _decoded(program) if used is None else [_decoded(program), int(used), int(limit)]


def _restore_log(line: Any, _key: str) -> Any:
    if isinstance(line, msgpack.ExtType):
        return _PROGRAM_DATA + base64.b64encode(line.data).decode()
    if isinstance(line, bytes):
        return f"Program {_encoded(line)} success"
    if isinstance(line, list) and len(line) == 2:
        return f"Program {_encoded(line[0])} invoke [{line[1]}]"
    if isinstance(line, list) and len(line) == 3:
        return f"Program {_encoded(line[0])} consumed {line[1]} of {line[2]} compute units"
    return line


def _shorten(stated: dict[str, Any]) -> list[Any] | None:
    amount, decimals = stated.get("amount"), stated.get("decimals")
    if not (_is_amount(amount) and type(decimals) is int and 0 <= decimals <= _MAX_DECIMALS):
        return None
    full = _stated([amount, decimals])
    if stated == full:
        return [amount, decimals]
    return [amount, decimals, None] if stated == full | {"uiAmount": None} else None


def _is_amount(value: Any) -> TypeIs[str]:
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isdecimal()
        and len(value) <= _MAX_DIGITS
    )


def _stated(short: Sequence[Any]) -> dict[str, Any]:
    amount, decimals = short[0], short[1]
    whole = amount.rjust(decimals + 1, "0")
    digits = f"{whole[: len(whole) - decimals]}.{whole[len(whole) - decimals :]}"
    return {
        "amount": amount,
        "decimals": decimals,
        "uiAmount": float(int(amount)) / float(10**decimals) if len(short) == 2 else None,
        "uiAmountString": digits.rstrip("0").rstrip("."),
    }


_decoded = lru_cache(maxsize=65_536)(decode_base58)
_encoded = lru_cache(maxsize=65_536)(encode_base58)
