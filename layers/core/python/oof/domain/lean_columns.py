"""Columns of bytes that a body is taken apart into, and the keys that occur in it.

Values of one kind stand together, so that they look alike to zstd. What no compressor shortens
(signatures, keys never seen before) is kept apart and stays uncompressed.

A key is written as one byte, its code::

    0                    a new key, its 32 bytes in `APART`
    1                    a key of the dictionary's table, its number in `KNOWN` (2 bytes)
    2 … 2 + HOT          one of the table's first keys, the most frequent
    2 + HOT …            a key that occurred before in this body, by its place in order
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from oof.domain.transactions.addresses import ASSOCIATED_TOKEN
from oof.domain.transactions.base58 import decode_base58, encode_base58

HOT: Final = 40
KEY_BYTES: Final = 32
_NEW: Final = 0
_COLD: Final = 1
_FIRST: Final = 2
_OWN: Final = _FIRST + HOT
_CODES: Final = 256
_CODE_OF_PLACE: Final = bytes((_OWN + place) % _CODES for place in range(_CODES))
_PLACE_OF_CODE: Final = bytes((code - _OWN) % _CODES for code in range(_CODES))
_MAX_LATELY: Final = 65_536
_PDA: Final = decode_base58(ASSOCIATED_TOKEN) + b"ProgramDerivedAddress"
_BUMPS: Final = range(255, 247, -1)
"""The first from 255 down that is off the curve, one in two: so nearly all are here."""

LOGS, SHAPES, KEYS, ACCOUNTS, NUMBERS, UNITS, TEXT, AMOUNTS, DATA, KNOWN, APART = range(11)


class KnownKeys:
    """The keys of a dictionary, most frequent first; and texts of bytes lately seen."""

    def __init__(self, table: bytes) -> None:
        """Take the keys' bytes, one after the other."""
        self.raw = [table[at : at + KEY_BYTES] for at in range(0, len(table), KEY_BYTES)]
        self.texts = [encode_base58(raw) for raw in self.raw]
        self.numbers = {text: number for number, text in enumerate(self.texts)}
        self._lately: dict[bytes, str] = {}

    def note(self, raw: bytes, text: str) -> None:
        """Remember a text: what is packed is restored at once, to be compared."""
        if len(self._lately) >= _MAX_LATELY:
            self._lately.clear()
        self._lately[raw] = text

    def encoded(self, raw: bytes) -> str:
        """Give the base58 text of some bytes."""
        return self._lately.get(raw) or encode_base58(raw)


class Column(bytearray):
    """Bytes of one kind, being written."""

    def varint(self, number: int) -> None:
        """Write a number that is not negative."""
        while number > 127:
            self.append(number & 127 | 128)
            number >>= 7
        self.append(number)

    def signed(self, number: int) -> None:
        """Write a number of any sign."""
        self.varint(number * 2 if number >= 0 else -number * 2 - 1)

    def signed_all(self, numbers: Iterable[int]) -> None:
        """Write numbers of any sign, most of them zero."""
        for number in numbers:
            if number:
                self.signed(number)
            else:
                self.append(0)

    def text(self, value: str) -> None:
        """Write a text without NUL."""
        self += value.encode()
        self.append(0)


class ColumnReader:
    """Bytes of one kind, being read. Past the end: IndexError or ValueError."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        """Start at the first byte."""
        self._data = data
        self._at = 0

    def byte(self) -> int:
        """Read one byte."""
        self._at += 1
        return self._data[self._at - 1]

    def varint(self) -> int:
        """Undo `Column.varint`."""
        data, at = self._data, self._at
        number = data[at]
        shift = 7
        while data[at] > 127:
            at += 1
            number += (data[at] - 1) << shift  # one less: the flag of the byte before
            shift += 7
        self._at = at + 1
        return number

    def signed(self) -> int:
        """Undo `Column.signed`."""
        number = self.varint()
        return -(number + 1 >> 1) if number & 1 else number >> 1

    def text(self) -> str:
        """Undo `Column.text`."""
        end = self._data.index(0, self._at)
        value = self._data[self._at : end].decode()
        self._at = end + 1
        return value

    def take(self, length: int) -> bytes:
        """Read that many bytes."""
        if not 0 <= length <= len(self._data) - self._at:
            raise ValueError("a column ends early")
        self._at += length
        return self._data[self._at - length : self._at]


class Derived(NamedTuple):
    """An associated token account, and what its address follows from."""

    account: str
    owner: str
    mint: str
    program: str
    bump: int


def derive(account: str, owner: str, mint: str, program: str) -> Derived | None:
    """Say how an account's address follows from its owner and mint, if it does."""
    wanted = decode_base58(account)
    start = sha256(decode_base58(owner) + decode_base58(program) + decode_base58(mint))
    for bump in _BUMPS:
        attempt = start.copy()
        attempt.update(bytes([bump]) + _PDA)
        if attempt.digest() == wanted:
            return Derived(account, owner, mint, program, bump)
    return None


class KeysWriter:
    """Writes keys by their codes."""

    def __init__(self, columns: Sequence[Column], known: KnownKeys) -> None:
        """Start a body."""
        self._columns = columns
        self._keys = columns[KEYS]
        self._known = known
        self._next = _OWN
        self.codes: dict[str, int] = {}
        self.raw: list[tuple[bytes, int]] = []
        """The keys so far, to be found within data."""

    def write(self, text: str) -> bool:
        """Write a key, given as base58; return whether it is one."""
        code = self.codes.get(text)
        if code is None:
            return self._write_first(text)
        self._keys.append(code)
        return True

    def write_derived(self, derived: Derived) -> None:
        """Write how a key follows from others."""
        for text in (derived.owner, derived.mint, derived.program):
            if not self.write(text):
                raise ValueError("not a key")
        self._columns[NUMBERS].append(derived.bump)
        raw = decode_base58(derived.account)
        self._known.note(raw, derived.account)
        self._add(derived.account, raw, None)

    def _write_first(self, text: str) -> bool:
        columns, number = self._columns, self._known.numbers.get(text)
        if number is None:
            raw = decode_base58(text)
            if len(raw) != KEY_BYTES:
                return False
            self._keys.append(_NEW)
            columns[APART] += raw
            self._known.note(raw, text)
            self._add(text, raw, None)
        elif number < HOT:
            self._keys.append(_FIRST + number)
            self._add(text, self._known.raw[number], _FIRST + number)
        else:
            self._keys.append(_COLD)
            columns[KNOWN] += number.to_bytes(2, "little")
            self._add(text, self._known.raw[number], None)
        return True

    def _add(self, text: str, raw: bytes, code: int | None) -> None:
        if code is None:
            code = self._next
            self._next += 1
        if code < _CODES:
            self.codes[text] = code
            self.raw.append((raw, code))


class KeysReader:
    """Undoes `KeysWriter`."""

    def __init__(self, columns: Sequence[ColumnReader], known: KnownKeys) -> None:
        """Start a body."""
        self._columns = columns
        self._keys = columns[KEYS]
        self._known = known
        self._own: list[str] = []
        self.codes: dict[str, int] = {}

    def read(self) -> str:
        """Read the next key, as base58."""
        code = self._keys.byte()
        if code >= _OWN:
            return self._own[code - _OWN]
        if code == _NEW:
            return self._add(self._known.encoded(self._columns[APART].take(KEY_BYTES)))
        if code == _COLD:
            number = int.from_bytes(self._columns[KNOWN].take(2), "little")
            return self._add(self._known.texts[number])
        text = self._known.texts[code - _FIRST]
        self.codes[text] = code
        return text

    def read_derived(self) -> None:
        """Undo `KeysWriter.write_derived`."""
        owner, mint, program = (decode_base58(self.read()) for _ in range(3))
        bump = self._columns[NUMBERS].byte()
        seeds = owner + program + mint + bytes([bump])
        self._add(self._known.encoded(sha256(seeds + _PDA).digest()))

    def _add(self, text: str) -> str:
        code = _OWN + len(self._own)
        self._own.append(text)
        if code < _CODES:
            self.codes[text] = code
        return text


class AccountCodes:
    """Bytes for places in a transaction's accounts: the same wherever a frequent key stands."""

    def __init__(self) -> None:
        """Start without accounts: places are written by number."""
        self.accounts: list[str] = []
        self._codes = bytearray(_CODE_OF_PLACE)
        self._places = bytearray(_PLACE_OF_CODE)

    def add(self, accounts: Iterable[str], codes: dict[str, int]) -> None:
        """Take the next accounts in order. Raises IndexError past the 256th."""
        for text in accounts:
            code = codes.get(text, _OWN)
            if code < _OWN:
                self._codes[len(self.accounts)] = code
                self._places[code] = len(self.accounts)
            self.accounts.append(text)

    def coded(self, places: Iterable[int]) -> bytes:
        """Give the bytes of some places. Raises ValueError where one is not below 256."""
        return bytes(places).translate(self._codes)

    def placed(self, coded: bytes) -> list[int]:
        """Undo `coded`."""
        return list(coded.translate(self._places))


def join(columns: Sequence[Column]) -> bytes:
    """Put all columns but `APART` one after the other."""
    lengths = Column()
    for column in columns[:APART]:
        lengths.varint(len(column))
    return bytes(lengths) + b"".join(columns[:APART])


def split(data: bytes, apart: bytes) -> list[ColumnReader]:
    """Undo `join`. Raises ValueError where `data` ends early."""
    whole = ColumnReader(data)
    lengths = [whole.varint() for _ in range(APART)]
    return [ColumnReader(whole.take(length)) for length in lengths] + [ColumnReader(apart)]
