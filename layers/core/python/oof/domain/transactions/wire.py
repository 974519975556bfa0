"""Transactions as nodes store them: bytes in base64 or base58, as RPC gives them on request.

The form is a compact array of signatures and the message: a version where the first bit says so, a
header, keys, blockhash, instructions, and the look-up tables of version 0. What tables add is in
the meta, which RPC gives decoded whatever the encoding:
https://solana.com/docs/rpc/json-structures and https://solana.com/docs/core/transactions.
"""

from typing import Any, Final

from oof.domain.transactions.base58 import decode_base58, decode_base64, encode_base58
from oof.domain.transactions.fields import MalformedBodyError

_DECODERS: Final = {"base64": decode_base64, "base58": decode_base58}
_KEY: Final = 32
_SIGNATURE: Final = 64
_VERSIONED: Final = 0x80


def decode_wire(value: Any) -> dict[str, Any]:
    """Give an encoded transaction as encoding `json` does.

    Raises:
        MalformedBodyError: it is none, is in another encoding than it says, or is cut short.
    """
    text, encoding = _split(value)
    decode = _DECODERS.get(encoding)
    if decode is None:
        raise MalformedBodyError("no_transaction", "expected a transaction object or its bytes")
    try:
        return _read_transaction(_Reader(decode(text)))
    except ValueError as fault:
        raise MalformedBodyError("bad_encoding", str(fault)) from fault


def _split(value: Any) -> tuple[str, str]:
    """Give text and encoding: a bare text is base58; what is neither has no encoding."""
    if isinstance(value, str):
        return value, "base58"
    match value:
        case [str() as text, str() as encoding]:
            return text, encoding
    return "", ""


class _Reader:
    """Reads a message front to back."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def peek(self) -> int:
        """Give the next byte without reading it."""
        return self._data[self._at] if self._at < len(self._data) else 0

    def take(self, count: int) -> bytes:
        """Read that many bytes."""
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise ValueError(f"the transaction ends after {len(self._data)} bytes")
        self._at += count
        return taken

    def byte(self) -> int:
        """Read a byte."""
        return self.take(1)[0]

    def length(self) -> int:
        """Read a compact length: seven bits a byte, the lowest first, in at most three bytes."""
        found = 0
        for shift in (0, 7, 14):
            byte = self.byte()
            found |= (byte & 0x7F) << shift
            if not byte & _VERSIONED:
                return found
        raise ValueError("a length of more than three bytes")


def _read_transaction(reader: _Reader) -> dict[str, Any]:
    signatures = [encode_base58(reader.take(_SIGNATURE)) for _ in range(reader.length())]
    if reader.peek() & _VERSIONED:
        reader.byte()
    required, readonly_signed, readonly_unsigned = reader.take(3)
    keys = [encode_base58(reader.take(_KEY)) for _ in range(reader.length())]
    blockhash = encode_base58(reader.take(_KEY))
    return {
        "signatures": signatures,
        "message": {
            "header": {
                "numRequiredSignatures": required,
                "numReadonlySignedAccounts": readonly_signed,
                "numReadonlyUnsignedAccounts": readonly_unsigned,
            },
            "accountKeys": keys,
            "recentBlockhash": blockhash,
            "instructions": [_read_instruction(reader) for _ in range(reader.length())],
        },
    }


def _read_instruction(reader: _Reader) -> dict[str, Any]:
    return {
        "programIdIndex": reader.byte(),
        "accounts": list(reader.take(reader.length())),
        "data": encode_base58(reader.take(reader.length())),
    }
