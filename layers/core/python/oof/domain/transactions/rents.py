"""What an account costs to keep, and why more than that is put into a new one.

Since genesis an account is exempt from rent with two years of 3,480 lamports for each byte of its
space and of the 128 that every account takes:
https://github.com/anza-xyz/solana-sdk/blob/master/rent/src/lib.rs.
"""

from collections.abc import Mapping
from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.metaplex import CORE, TOKEN_METADATA

_LAMPORTS_PER_BYTE: Final = 6_960
_OVERHEAD: Final = 128
_LARGEST_SPACE: Final = 10 * 1024 * 1024

LARGEST_RENT: Final = 100_000_000
"""What an account of 14 kB holds in rent; one that is emptied of more held a deposit."""


def rent_of(space: int) -> int:
    """Give the lamports that exempt an account of `space` bytes; no account is above 10 MiB."""
    return (_OVERHEAD + min(space, _LARGEST_SPACE)) * _LAMPORTS_PER_BYTE


RENT_OF_TOKEN_ACCOUNT: Final = rent_of(165)
"""For a token account that does not outlive its transaction."""

KIND_OF_DEPOSIT: Final[Mapping[str, Kind]] = {
    TOKEN_METADATA: Kind.PROTOCOL_FEE,
    CORE: Kind.PROTOCOL_FEE,
}
"""By the program that owns a new account: why it was given more than its rent. Metaplex collects
its fee there: https://developers.metaplex.com/protocol-fees. Of others the route tells."""
