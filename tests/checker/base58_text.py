"""Base 58 and program addresses in the checker's own arithmetic."""

import hashlib
from functools import cache

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
DIGIT = {letter: value for value, letter in enumerate(ALPHABET)}
ATA_PROGRAM = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"

_PRIME = 2**255 - 19
_EDWARDS_D = -121665 * pow(121666, _PRIME - 2, _PRIME) % _PRIME


def decode(text: str) -> bytes:
    """Return the bytes of base-58 `text`; raise `KeyError` on a foreign letter."""
    number = 0
    for letter in text:
        number = number * 58 + DIGIT[letter]
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode(data: bytes) -> str:
    """Return `data` in base 58."""
    number = int.from_bytes(data, "big")
    letters = []
    while number:
        number, digit = divmod(number, 58)
        letters.append(ALPHABET[digit])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "1" * zeros + "".join(reversed(letters))


def is_on_curve(point: bytes) -> bool:
    """Tell whether 32 bytes are a compressed ed25519 point, as the runtime does."""
    y = (int.from_bytes(point, "little") & (2**255 - 1)) % _PRIME
    numerator = (y * y - 1) % _PRIME
    denominator = (_EDWARDS_D * y * y + 1) % _PRIME
    # The quotient is a square exactly when the product is; the product needs no inverse.
    product = numerator * denominator % _PRIME
    return product == 0 or pow(product, (_PRIME - 1) // 2, _PRIME) == 1


@cache
def associated_account(wallet: str, token_program: str, mint: str) -> str:
    """Return the associated token account of `wallet` for `mint`."""
    seeds = decode(wallet) + decode(token_program) + decode(mint)
    for bump in range(255, -1, -1):
        preimage = seeds + bytes([bump]) + decode(ATA_PROGRAM) + b"ProgramDerivedAddress"
        candidate = hashlib.sha256(preimage).digest()
        if not is_on_curve(candidate):
            return encode(candidate)
    raise ValueError(f"no associated account for {wallet} and {mint}")
