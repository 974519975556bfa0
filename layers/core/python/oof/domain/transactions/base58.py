"""Base58 and base64 of keys and instruction data, in integers.

The pure-Python `base58` package works digit by digit; instruction data is decoded in the
hot path, so this works in chunks of ten digits (58**10 fits a machine word).
"""

import binascii
from typing import Final

ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE: Final = {char: value for value, char in enumerate(ALPHABET)}
_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_CHUNK: Final = 58**10


def decode_base58(text: str) -> bytes:
    """Give the bytes that `text` encodes.

    Raises:
        ValueError: `text` has a character outside the alphabet.
    """
    number = 0
    value = _VALUE
    try:
        for start in range(0, len(text), 10):
            chunk = 0
            digits = text[start : start + 10]
            for char in digits:
                chunk = chunk * 58 + value[char]
            number = number * 58 ** len(digits) + chunk
    except KeyError as fault:
        raise ValueError(f"not base58: {fault}") from fault
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


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
