"""Addresses derived from others, and the programs every transaction knows.

An associated token account is the program-derived address of (owner, token program, mint):
https://github.com/solana-program/associated-token-account (`get_associated_token_address`).
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final

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

_LIKELY: Final = 3
"""Seven of eight derived addresses have one of so many bumps. Before the others are tried, it pays
to ask whether the address is derived at all: then it is off the curve."""

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P


class Derivation:
    """Finds which of some wallets an associated account belongs to.

    Equality of the hash proves it, so no curve check is needed. Addresses are derived once for
    each mint and bump, and bumps only as far as they are asked for.
    """

    __slots__ = ("_candidates", "_levels", "_seeds")

    def __init__(self, candidates: Iterable[str]) -> None:
        self._candidates = list(candidates)
        self._seeds: dict[tuple[str, str], list[tuple[str, Any]]] = {}
        self._levels: dict[tuple[str, str], list[dict[bytes, str]]] = {}

    def find_owner(self, account: str, mint: str, token_program: str | None) -> str | None:
        """Name the candidate whose associated account of `mint` is `account`."""
        pair = (mint, token_program or TOKEN)
        try:
            target = decode_base58(account)
            if pair not in self._seeds:
                middle = decode_base58(pair[1]) + decode_base58(mint)
                self._seeds[pair] = [
                    (each, sha256(decode_base58(each) + middle)) for each in self._candidates
                ]
                self._levels[pair] = []
        except ValueError:
            return None
        levels = self._levels[pair]
        for position, ending in enumerate(_ENDINGS):
            if position == _LIKELY and is_on_curve(account):
                return None
            if position == len(levels):
                levels.append(_derive(self._seeds[pair], ending))
            owner = levels[position].get(target)
            if owner is not None:
                return owner
        return None


def _derive(seeds: list[tuple[str, Any]], ending: bytes) -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for candidate, seed in seeds:
        attempt = seed.copy()
        attempt.update(ending)
        found[attempt.digest()] = candidate
    return found


def is_on_curve(address: str) -> bool:
    """Whether `address` can have a private key (RFC 8032 §5.1.3: its x can be recovered)."""
    try:
        data = decode_base58(address)
    except ValueError:
        return False
    y = (int.from_bytes(data, "little") & ((1 << 255) - 1)) % _P
    return _is_square((y * y - 1) * (_D * y * y + 1))


def _is_square(number: int) -> bool:
    """Whether `number` is a square modulo the curve's prime, by its Jacobi symbol.

    Four times as fast as Euler's criterion. (And u / v is a square exactly when u * v is.)
    """
    top, bottom, symbol = number % _P, _P, 1
    if top == 0:
        return True
    while top:
        twos = (top & -top).bit_length() - 1
        top >>= twos
        if twos & 1 and bottom & 7 in (3, 5):
            symbol = -symbol
        if top & 3 == 3 and bottom & 3 == 3:
            symbol = -symbol
        top, bottom = bottom % top, top
    return symbol == 1
