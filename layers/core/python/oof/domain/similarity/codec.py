"""A vector as bytes: MessagePack, arrays as their little-endian numbers. The same is the same."""

import sys
from array import array
from typing import Any, Final

import msgpack

from oof.domain.similarity.features import VERSION
from oof.domain.similarity.model import ShareUnit, WalletVector

MAX_BYTES: Final = 8_192
_ARRAYS: Final = {
    "share_mints": "i",
    "shares": "f",
    "first_keys": "I",
    "first_mints": "i",
    "first_slots": "i",
    "first_ats": "I",
    "first_txs": "q",
    "hours": "I",
    "traits": "f",
}
_PLAIN: Final = (
    "newest_at",
    "purchases",
    "priced",
    "mints",
    "rest",
    "sample_limit",
    "first_day",
    "days",
)


def encode_vector(vector: WalletVector) -> bytes:
    """Return a vector's bytes, less than `MAX_BYTES`."""
    plain = [getattr(vector, name) for name in _PLAIN]
    arrays = [_little(getattr(vector, name)).tobytes() for name in _ARRAYS]
    unit = None if vector.unit is None else vector.unit.value
    return bytes(msgpack.packb([vector.version, unit, *plain, *arrays]))


def decode_vector(data: bytes) -> WalletVector:
    """Undo `encode_vector`. Raises ValueError for bytes of another version."""
    version, unit, *fields = msgpack.unpackb(data)
    if version != VERSION:
        msg = f"a vector of version {version}, expected {VERSION}"
        raise ValueError(msg)
    told: dict[str, Any] = dict(zip((*_PLAIN, *_ARRAYS), fields, strict=True))
    for name, typecode in _ARRAYS.items():
        told[name] = _little(array(typecode, told[name]))
    return WalletVector(version=version, unit=None if unit is None else ShareUnit(unit), **told)


def _little(numbers: "array[Any]") -> "array[Any]":
    if sys.byteorder == "little":
        return numbers
    swapped = array(numbers.typecode, numbers)
    swapped.byteswap()
    return swapped
