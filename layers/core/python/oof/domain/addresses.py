"""Reading addresses that people typed."""

import base58

from oof.domain.errors import InvalidInput
from oof.domain.units import Address

_LENGTHS = range(32, 45)
"""Characters that 32 bytes may take in base58."""


def parse_address(text: str, *, field: str) -> Address:
    """Return `text` as an address. Raises InvalidInput naming `field`."""
    expected = "an address: base58 of 32 bytes"
    if len(text) not in _LENGTHS:
        raise InvalidInput(field, expected)
    try:
        raw = base58.b58decode(text)
    except ValueError:
        raise InvalidInput(field, expected) from None
    if len(raw) != 32:
        raise InvalidInput(field, expected)
    return Address(text)
