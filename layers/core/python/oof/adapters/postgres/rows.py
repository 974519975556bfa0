"""Chain identifiers as the database keeps them: bytes in, base58 out."""

from collections.abc import Iterable
from functools import lru_cache

from oof.domain.transactions.base58 import decode_base58, encode_base58
from oof.domain.units import Address, Signature

_CACHED = 65_536

address_bytes = lru_cache(maxsize=_CACHED)(decode_base58)
"""Return an address's 32 bytes."""

_encoded = lru_cache(maxsize=_CACHED)(encode_base58)


def address_of(data: bytes) -> Address:
    """Return bytes as an address."""
    return Address(_encoded(bytes(data)))


def signature_bytes(signature: str) -> bytes:
    """Return a signature's 64 bytes."""
    return decode_base58(signature)


def signature_of(data: bytes) -> Signature:
    """Return bytes as a signature."""
    return Signature(encode_base58(bytes(data)))


def sorted_signatures(signatures: Iterable[str]) -> list[bytes]:
    """Return distinct signatures as bytes, ascending: the order every statement locks in."""
    return sorted({signature_bytes(signature) for signature in signatures})
