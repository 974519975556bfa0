"""Base58 and base64 of keys and instruction data, in integers.

The pure-Python `base58` package works digit by digit; instruction data is decoded in the
hot path, so this merges all neighbouring digits at once, and encodes ten digits at a time.
"""

import binascii
from functools import lru_cache
from typing import Final

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_NO_DIGIT: Final = 255
_TO_VALUE: Final = bytes(
    ALPHABET.index(chr(code)) if chr(code) in ALPHABET else _NO_DIGIT for code in range(256)
)
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_CHUNK: Final = 58**10
_LONGEST_KEPT: Final = 256
LONGEST_BASE58: Final = 16_384
"""Letters of instruction data of 12 kB: more than an invocation may carry (10 kiB)."""


def _list_merges(longest: int) -> list[tuple[int, int, int]]:
    """List the steps that make one number of up to `longest` digits of a byte each.

    Every step merges neighbours, all of them at once: two lanes of `shift` bits become one, which
    holds both digits in the square of the base.
    """
    merges = []
    size, base = 1, 58
    while size < longest:
        mask = int.from_bytes((bytes(size) + b"\xff" * size) * (longest // size // 2))
        merges.append((8 * size, mask, base))
        size, base = 2 * size, base * base
    return merges


_MERGES: Final = _list_merges(LONGEST_BASE58)


def decode_base58(text: str) -> bytes:
    """Give the bytes that `text` encodes.

    Raises:
        ValueError: `text` has a character outside the alphabet, or is longer than the data of
            any instruction.
    """
    if len(text) <= _LONGEST_KEPT:
        return _decode_short(text)
    if len(text) > LONGEST_BASE58:
        raise ValueError(f"base58 of {len(text)} letters")
    return _decode(text)


def _decode(text: str) -> bytes:
    digits = text.encode("ascii", "replace").translate(_TO_VALUE)
    if _NO_DIGIT in digits:
        raise ValueError(f"not base58: {text[:100]!r}")
    number = int.from_bytes(digits)
    for shift, mask, base in _MERGES[: (len(digits) - 1).bit_length()]:
        number = (number & mask) + (number >> shift & mask) * base
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


_decode_short: Final = lru_cache(maxsize=16_384)(_decode)


@lru_cache(maxsize=16_384)
def encode_base58(data: bytes) -> str:
    """Give the base58 text of `data`."""
    number = int.from_bytes(data, "big")
    chunks = []
    while number:
        number, chunk = divmod(number, _CHUNK)
        part = ""
        for _ in range(5):
            chunk, pair = divmod(chunk, 3364)
            part = _PAIRS[pair] + part
        chunks.append(part)
    text = "".join(reversed(chunks)).lstrip("1")
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def decode_base64(text: str) -> bytes:
    """Give the bytes that `text` encodes.

    Raises:
        ValueError: `text` is no base64.
    """
    try:
        return binascii.a2b_base64(text)
    except binascii.Error as fault:
        raise ValueError(f"not base64: {fault}") from fault
