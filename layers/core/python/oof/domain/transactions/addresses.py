"""Addresses derived from others, and the programs every transaction knows.

An associated token account is the program-derived address of (owner, token program, mint):
https://github.com/solana-program/associated-token-account (`get_associated_token_address`).
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from oof.domain.transactions.base58 import decode_base58

SYSTEM: Final = "11111111111111111111111111111111"
TOKEN: Final = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"  # noqa: S105 - an address
TOKEN_2022: Final = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"  # noqa: S105 - an address
ASSOCIATED_TOKEN: Final = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL"  # noqa: S105 - an address
COMPUTE_BUDGET: Final = "ComputeBudget111111111111111111111111111111"
STAKE: Final = "Stake11111111111111111111111111111111111111"
VOTE: Final = "Vote111111111111111111111111111111111111111"

PRECOMPILES: Final = frozenset(
    {
        "Ed25519SigVerify111111111111111111111111111",
        "KeccakSecp256k11111111111111111111111111111",
        "Secp256r1SigVerify1111111111111111111111111",
    }
)
"""Their instructions open with a count of signatures, each charged like the transaction's own:
https://solana.com/docs/core/fees."""

_PDA_SUFFIX: Final = decode_base58(ASSOCIATED_TOKEN) + b"ProgramDerivedAddress"
_ENDINGS: Final = tuple(bytes([bump]) + _PDA_SUFFIX for bump in range(255, 235, -1))
"""An associated account's bump is the first from 255 down that is off the curve: one in two."""

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P


def derive_owner(
    account: str, mint: str, token_program: str | None, candidates: Iterable[str]
) -> str | None:
    """Find the candidate whose associated account of `mint` is `account`.

    Equality of the hash proves the derivation, so no curve check is needed.
    """
    try:
        target = decode_base58(account)
        middle = decode_base58(token_program or TOKEN) + decode_base58(mint)
        seeds = [(each, sha256(decode_base58(each) + middle)) for each in candidates]
    except ValueError:
        return None
    for ending in _ENDINGS:
        for candidate, seed in seeds:
            attempt = seed.copy()
            attempt.update(ending)
            if attempt.digest() == target:
                return candidate
    return None


def is_on_curve(address: str) -> bool:
    """Whether `address` can have a private key (RFC 8032 §5.1.3: its x can be recovered)."""
    try:
        data = decode_base58(address)
    except ValueError:
        return False
    y = (int.from_bytes(data, "little") & ((1 << 255) - 1)) % _P
    u = (y * y - 1) % _P
    v = (_D * y * y + 1) % _P
    square = u * pow(v, -1, _P) % _P
    return square == 0 or pow(square, (_P - 1) // 2, _P) == 1
