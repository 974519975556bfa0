"""Binary data of instructions and logs, with the transaction's keys in it by their codes."""

from collections.abc import Sequence
from typing import Final

from oof.domain.lean_columns import (
    DATA,
    KEY_BYTES,
    KEYS,
    NUMBERS,
    Column,
    ColumnReader,
    KeysReader,
    KeysWriter,
)
from oof.domain.transactions.base58 import decode_base58

_SEARCHED: Final = KEY_BYTES


class DataWriter:
    """Writes bytes: length, where keys stand, and the rest."""

    def __init__(self, columns: Sequence[Column], keys: KeysWriter) -> None:
        """Start a body."""
        self._columns = columns
        self._keys = keys

    def write(self, content: bytes) -> None:
        """Write some bytes."""
        self._columns[NUMBERS].varint(len(content))
        if len(content) < _SEARCHED:
            self._columns[DATA] += content
            return
        places = self._places(content)
        self._columns[NUMBERS].varint(len(places))
        done = 0
        for place, code in places:
            self._columns[NUMBERS].varint(place - done)
            self._columns[KEYS].append(code)
            self._columns[DATA] += content[done:place]
            done = place + KEY_BYTES
        self._columns[DATA] += content[done:]

    def _places(self, content: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for raw, code in self._keys.raw:
            place = content.find(raw)
            while place >= 0:
                found.append((place, code))
                place = content.find(raw, place + KEY_BYTES)
        free = 0
        apart: list[tuple[int, int]] = []
        for place, code in sorted(found):
            if place >= free:
                apart.append((place, code))
                free = place + KEY_BYTES
        return apart


class DataReader:
    """Undoes `DataWriter`."""

    def __init__(self, columns: Sequence[ColumnReader], keys: KeysReader) -> None:
        """Start a body."""
        self._columns = columns
        self._keys = keys

    def read(self) -> bytes:
        """Read the next bytes. Raises ValueError or IndexError past the end."""
        numbers, data = self._columns[NUMBERS], self._columns[DATA]
        left = numbers.varint()
        parts: list[bytes] = []
        for _ in range(numbers.varint() if left >= _SEARCHED else 0):
            gap = numbers.varint()
            parts += (data.take(gap), decode_base58(self._keys.read()))
            left -= gap + KEY_BYTES
        return b"".join(parts) + data.take(left)
