"""A shorter form of a transaction's JSON, from which the very same value is restored.

The value is walked once, its objects' keys in a fixed order, and taken apart into columns: what
kind of value comes next (`SHAPES`), and by kind its content. Base58 becomes bytes, keys become
codes (`lean_columns`), logs become records (`lean_logs`), and what follows from what was already
said is left out:

* the address of an associated token account, from its owner and mint;
* a token balance's amount is stated three times over: `amount` and `decimals` are kept;
* a balance after the transaction is kept as its difference from the one before.

A body may hold anything where one of these is expected, so whoever uses this checks that
`restore` gives the value back.
"""

import base64
import binascii
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import sub
from types import NoneType
from typing import Any, Final, NamedTuple, TypeGuard

from oof.domain.lean_columns import (
    ACCOUNTS,
    AMOUNTS,
    APART,
    DATA,
    KEYS,
    NUMBERS,
    SHAPES,
    TEXT,
    AccountCodes,
    Column,
    ColumnReader,
    Derived,
    KeysReader,
    KeysWriter,
    KnownKeys,
    derive,
    join,
    split,
)
from oof.domain.lean_data import DataReader, DataWriter
from oof.domain.lean_logs import invocations, read_logs, write_logs
from oof.domain.transactions.addresses import TOKEN
from oof.domain.transactions.base58 import decode_base58, encode_base58

(
    _NULL,
    _FALSE,
    _TRUE,
    _INT,
    _NEGATIVE,
    _FLOAT,
    _TEXT,
    _KEY,
    _BASE58,
    _SIGNATURE,
    _BASE64,
    _DIGITS,
    _LIST,
    _PLACES,
    _LAMPORTS,
    _LOGS,
    _AMOUNT,
    _AMOUNT_NULL,
    _AMOUNT_WHOLE,
    _AFTER,
    _OBJECT,
) = range(21)
_FIRST_OBJECT: Final = 21
"""From here up: an object with the keys of one before, by their order of appearance."""

_AMOUNT_KINDS: Final = {float: _AMOUNT, NoneType: _AMOUNT_NULL, int: _AMOUNT_WHOLE}
"""By what `uiAmount` is: null where zero was once so written, whole where JavaScript wrote it."""
_KEY_LENGTHS: Final = range(32, 45)
_SIGNATURE_LENGTHS: Final = range(86, 89)
_SIGNATURE_BYTES: Final = 64
_MAX_DECIMALS: Final = 22
"""Up to here a power of ten is exact as a float, so the division is the provider's own."""
_NAMES_APART: Final = "\x01"
_FIRST_NAMES: Final = {
    name: place
    for place, name in enumerate(
        ("transaction", "message", "accountKeys", "loadedAddresses", "preTokenBalances")
    )
}
"""What the rest refers to comes first; `writable` and `readonly` are `loadedAddresses`."""
_ACCOUNT_LISTS: Final = ("accountKeys", "writable", "readonly")
_PLACE_NAMES: Final = ("accountIndex", "index")

_IS_BASE58: Final = re.compile("[1-9A-HJ-NP-Za-km-z]+").fullmatch
_IS_DIGITS: Final = re.compile("0|[1-9][0-9]{0,19}").fullmatch


class Lean(NamedTuple):
    """A body taken apart: `apart` no compressor shortens, `columns` it does."""

    apart: bytes
    columns: bytes


def lean(body: Any, known: KnownKeys) -> Lean:
    """Take a decoded JSON value apart.

    Raises what any code may that is given an unexpected shape, for a body shaped like no
    transaction: AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError.
    """
    columns = [Column() for _ in range(APART + 1)]
    _Writer(columns, known).write_body(body)
    return Lean(bytes(columns[APART]), join(columns))


def restore(apart: bytes, columns: bytes, known: KnownKeys) -> Any:
    """Undo `lean`. Raises ValueError, KeyError, TypeError or IndexError where it wrote neither."""
    return _Reader(split(columns, apart), known).read_body()


class _Walk:
    """What both directions remember of the value walked so far."""

    def __init__(self) -> None:
        self.places = AccountCodes()
        self.before: dict[Any, Any] = {}
        self.lamports: Sequence[int] = ()
        self._outer: Sequence[Any] | None = None
        self._inner: list[Mapping[str, Any]] = []

    def note_list(self, name: str, values: Sequence[Any], codes: dict[str, int]) -> None:
        """Remember a list that was walked."""
        if name in _ACCOUNT_LISTS:
            accounts = [each["pubkey"] if type(each) is dict else each for each in values]
            self.places.add(accounts, codes)
        elif name == "instructions" and self._outer is None:
            self._outer = values

    def note_object(self, name: str, value: Mapping[str, Any]) -> None:
        """Remember an object that was walked."""
        if name == "innerInstructions":
            self._inner.append(value)
        elif name == "preTokenBalances":
            self.before[value.get("accountIndex")] = value

    def invocations(self) -> list[str]:
        """List the programs in the order in which they are called."""
        return invocations(self._outer or (), self._inner, self.places.accounts)

    def lamports_before(self, name: str, count: int) -> Iterable[int]:
        """Give the balances that the next ones are the differences from."""
        has_before = name == "postBalances" and len(self.lamports) == count
        return self.lamports if has_before else repeat(0, count)


class _Writer:
    def __init__(self, columns: Sequence[Column], known: KnownKeys) -> None:
        self._columns = columns
        self._keys_column = columns[KEYS]
        self._accounts_column = columns[ACCOUNTS]
        self._numbers_column = columns[NUMBERS]
        self._text_column = columns[TEXT]
        self._amounts_column = columns[AMOUNTS]
        self._shapes = columns[SHAPES]
        self._keys = KeysWriter(columns, known)
        self._known = known
        self._data = DataWriter(columns, self._keys)
        self._walk = _Walk()
        self._objects: dict[tuple[str, ...], int] = {}

    def write_body(self, body: Any) -> None:
        derived = _derived(body, self._known)
        self._numbers_column.append(len(derived))
        for each in derived:
            self._keys.write_derived(each)
        self._write(body, "")

    def _write(self, value: Any, name: str) -> None:
        kind = type(value)
        if kind is str:
            self._write_text(value, name)
        elif kind is int:
            self._write_int(value, name)
        elif kind is dict:
            self._write_object(value, name)
        elif kind is list:
            self._write_list(value, name)
        elif value is None:
            self._shapes.append(_NULL)
        elif kind is bool:
            self._shapes.append(_TRUE if value else _FALSE)
        else:
            self._shapes.append(_FLOAT)
            self._columns[DATA] += struct.pack("<d", value)

    def _write_int(self, value: int, name: str) -> None:
        self._shapes.append(_INT if value >= 0 else _NEGATIVE)
        if value >= 0 and name == "programIdIndex":
            self._keys_column += self._walk.places.coded([value])
        elif value >= 0 and name in _PLACE_NAMES:
            self._accounts_column.varint(value)
        else:
            self._numbers_column.varint(abs(value))

    def _write_text(self, value: str, name: str) -> None:
        length = len(value)
        if value in self._keys.codes or (length in _KEY_LENGTHS and _IS_BASE58(value)):
            self._shapes.append(_KEY)
            if self._keys.write(value):
                return
            self._shapes.pop()
        if (name == "data" and self._write_data(value)) or self._write_signature(value):
            return
        if _IS_DIGITS(value):
            self._shapes.append(_DIGITS)
            self._amounts_column.varint(int(value))
        else:
            self._shapes.append(_TEXT)
            self._text_column.text(value)

    def _write_data(self, value: str) -> bool:
        if _IS_BASE58(value):
            self._shapes.append(_BASE58)
            self._data.write(decode_base58(value))
            return True
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return False
        if base64.b64encode(content).decode() != value:
            return False
        self._shapes.append(_BASE64)
        self._data.write(content)
        return True

    def _write_signature(self, value: str) -> bool:
        if len(value) not in _SIGNATURE_LENGTHS or not _IS_BASE58(value):
            return False
        content = decode_base58(value)
        if len(content) != _SIGNATURE_BYTES:
            return False
        self._shapes.append(_SIGNATURE)
        self._columns[APART] += content
        self._known.note(content, value)
        return True

    def _write_object(self, value: dict[str, Any], name: str) -> None:
        if name == "uiTokenAmount" and self._write_amount(value):
            return
        if name == "postTokenBalances" and self._write_after(value):
            return
        names = _ordered(tuple(value))
        shape = self._objects.get(names)
        if shape is None:
            self._objects[names] = _FIRST_OBJECT + len(self._objects)
            self._shapes.append(_OBJECT)
            self._text_column.text(_NAMES_APART.join(names))
        else:
            self._shapes.append(shape)
        for each in names:
            self._write(value[each], each)
        self._walk.note_object(name, value)

    def _write_amount(self, value: dict[str, Any]) -> bool:
        if not _has_amount(value):
            return False
        amount, decimals = value["amount"], value["decimals"]
        kind = _AMOUNT_KINDS.get(type(value.get("uiAmount")))
        if kind is None or value != _stated(amount, decimals, kind):
            return False
        self._shapes.append(kind)
        self._accounts_column.append(decimals)
        self._amounts_column.varint(int(amount))
        return True

    def _write_after(self, value: dict[str, Any]) -> bool:
        before = self._walk.before.get(value.get("accountIndex"))
        if before is None:
            return False
        was, now = before.get("uiTokenAmount"), value.get("uiTokenAmount")
        if not (_has_amount(was) and _has_amount(now) and type(now.get("uiAmount")) is float):
            return False
        after = before | {"uiTokenAmount": _stated(now["amount"], was["decimals"])}
        if value != after:
            return False
        self._shapes.append(_AFTER)
        self._accounts_column.varint(value["accountIndex"])
        self._amounts_column.signed(int(now["amount"]) - int(was["amount"]))
        return True

    def _write_list(self, values: list[Any], name: str) -> None:
        if name == "logMessages":
            self._shapes.append(_LOGS)
            expected = self._walk.invocations()
            write_logs(values, expected, self._columns, self._keys, self._data)
        elif name == "accounts" and values and type(values[0]) is int:
            self._shapes.append(_PLACES)
            self._accounts_column.varint(len(values))
            self._accounts_column += self._walk.places.coded(values)
        elif name in ("preBalances", "postBalances"):
            self._write_lamports(values, name)
        else:
            self._shapes.append(_LIST)
            self._shapes.varint(len(values))
            for each in values:
                self._write(each, name)
            self._walk.note_list(name, values, self._keys.codes)

    def _write_lamports(self, values: Sequence[int], name: str) -> None:
        self._shapes.append(_LAMPORTS)
        self._numbers_column.varint(len(values))
        before = self._walk.lamports_before(name, len(values))
        self._amounts_column.signed_all(map(sub, values, before))
        self._walk.lamports = values


class _Reader:
    def __init__(self, columns: Sequence[ColumnReader], known: KnownKeys) -> None:
        self._columns = columns
        self._keys_column = columns[KEYS]
        self._accounts_column = columns[ACCOUNTS]
        self._numbers_column = columns[NUMBERS]
        self._text_column = columns[TEXT]
        self._amounts_column = columns[AMOUNTS]
        self._shapes = columns[SHAPES]
        self._known = known
        self._keys = KeysReader(columns, known)
        self._data = DataReader(columns, self._keys)
        self._walk = _Walk()
        self._objects: list[list[str]] = []

    def read_body(self) -> Any:
        for _ in range(self._numbers_column.byte()):
            self._keys.read_derived()
        return self._read("")

    def _read(self, name: str) -> Any:
        kind = self._shapes.byte()
        if kind >= _OBJECT:
            return self._read_object(kind, name)
        if kind <= _FLOAT:
            return self._read_scalar(kind, name)
        if kind <= _DIGITS:
            return self._read_text(kind)
        if kind in _AMOUNT_KINDS.values():
            decimals, amount = self._accounts_column.byte(), self._amounts_column.varint()
            return _stated(str(amount), decimals, kind)
        return self._read_after() if kind == _AFTER else self._read_list(kind, name)

    def _read_scalar(self, kind: int, name: str) -> Any:
        if kind <= _TRUE:
            return (None, False, True)[kind]
        if kind == _FLOAT:
            return struct.unpack("<d", self._columns[DATA].take(8))[0]
        if kind == _NEGATIVE:
            return -self._numbers_column.varint()
        if name == "programIdIndex":
            return self._walk.places.placed(self._keys_column.take(1))[0]
        return self._columns[ACCOUNTS if name in _PLACE_NAMES else NUMBERS].varint()

    def _read_text(self, kind: int) -> str:
        if kind == _KEY:
            return self._keys.read()
        if kind == _TEXT:
            return self._text_column.text()
        if kind == _BASE58:
            return encode_base58(self._data.read())
        if kind == _BASE64:
            return base64.b64encode(self._data.read()).decode()
        if kind == _SIGNATURE:
            return self._known.encoded(self._columns[APART].take(_SIGNATURE_BYTES))
        return str(self._amounts_column.varint())

    def _read_object(self, kind: int, name: str) -> dict[str, Any]:
        if kind == _OBJECT:
            names = self._text_column.text()
            self._objects.append(names.split(_NAMES_APART) if names else [])
            kind = _FIRST_OBJECT + len(self._objects) - 1
        value = {each: self._read(each) for each in self._objects[kind - _FIRST_OBJECT]}
        self._walk.note_object(name, value)
        return value

    def _read_after(self) -> dict[str, Any]:
        before = self._walk.before[self._accounts_column.varint()]
        was = before["uiTokenAmount"]
        amount = int(was["amount"]) + self._amounts_column.signed()
        return dict(before) | {"uiTokenAmount": _stated(str(amount), was["decimals"])}

    def _read_list(self, kind: int, name: str) -> list[Any]:
        if kind == _LOGS:
            return read_logs(self._walk.invocations(), self._columns, self._keys, self._data)
        if kind == _PLACES:
            accounts = self._accounts_column
            return self._walk.places.placed(accounts.take(accounts.varint()))
        if kind == _LAMPORTS:
            length = self._numbers_column.varint()
            before = self._walk.lamports_before(name, length)
            self._walk.lamports = [was + self._amounts_column.signed() for was in before]
            return list(self._walk.lamports)
        length = self._shapes.varint()
        values = [self._read(name) for _ in range(length)]
        self._walk.note_list(name, values, self._keys.codes)
        return values


@lru_cache(maxsize=4_096)
def _ordered(names: tuple[str, ...]) -> tuple[str, ...]:
    last = len(_FIRST_NAMES)
    return tuple(sorted(names, key=lambda name: (_FIRST_NAMES.get(name, last), name)))


def _derived(body: Any, known: KnownKeys) -> list[Derived]:
    """List the accounts with token balances whose addresses follow from owner and mint.

    Not those that are known: they are shorter by number.
    """
    try:
        message, meta = body["transaction"]["message"], body["meta"]
        accounts = [k["pubkey"] if type(k) is dict else k for k in message["accountKeys"]]
        loaded = meta.get("loadedAddresses") or {}
        accounts += [*loaded.get("writable", ()), *loaded.get("readonly", ())]
        held = {
            each["accountIndex"]: each
            for name in ("preTokenBalances", "postTokenBalances")
            for each in meta[name] or ()
        }
        found = [
            derive(accounts[place], each["owner"], each["mint"], each.get("programId", TOKEN))
            for place, each in held.items()
            if "owner" in each and accounts[place] not in known.numbers
        ]
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        return []
    return [each for each in found if each is not None]


def _has_amount(value: Any) -> TypeGuard[dict[str, Any]]:
    if type(value) is not dict:
        return False
    amount, decimals = value.get("amount"), value.get("decimals")
    return (
        type(amount) is str
        and _IS_DIGITS(amount) is not None
        and type(decimals) is int
        and 0 <= decimals <= _MAX_DECIMALS
    )


def _stated(amount: str, decimals: int, kind: int = _AMOUNT) -> dict[str, Any]:
    whole = amount.rjust(decimals + 1, "0")
    digits = f"{whole[: len(whole) - decimals]}.{whole[len(whole) - decimals :]}"
    exact = float(int(amount)) / float(10**decimals)
    shown = {_AMOUNT: exact, _AMOUNT_NULL: None, _AMOUNT_WHOLE: int(exact)}
    return {
        "amount": amount,
        "decimals": decimals,
        "uiAmount": shown[kind],
        "uiAmountString": digits.rstrip("0").rstrip("."),
    }
