"""Orca: the Whirlpools and both token-swap programs before them.

https://github.com/orca-so/whirlpools/tree/main/programs/whirlpool/src/instructions (`swap`,
`swap_v2`, `two_hop_swap` and its v2), https://github.com/orca-so/typescript-sdk.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

_AUTHORITY_AT: Final[Mapping[bytes, int]] = MappingProxyType(
    {
        bytes.fromhex("f8c69e91e17587c8"): 1,  # swap
        bytes.fromhex("2b04ed0b1ac91e62"): 3,  # swap_v2
        bytes.fromhex("c360ed6c44a2dbe6"): 1,  # two_hop_swap
        bytes.fromhex("ba8fd11dfe02c275"): 14,  # two_hop_swap_v2
    }
)


def _whirlpool_trader(instruction: Instruction) -> str | None:
    try:
        position = _AUTHORITY_AT.get(instruction.read_data()[:8])
    except ValueError:
        return None
    return None if position is None else account_at(position)(instruction)


PROGRAMS: Final = (
    Program(
        "whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc",
        "orca_whirlpool",
        Role.POOL,
        swaps=tuple(_AUTHORITY_AT),
        incomes=anchor(
            "a498cf631eba13b6", "cf755fbfe5b4e20f", "4605845756ebb122", "b16b25b4a01331d1"
        ),
        name_trader=_whirlpool_trader,
    ),
    Program(
        "9W959DqEETiGZocYWCQPaJ6sBmUzgfxXfqGeTEdp3aQP",
        "orca_v2",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
    Program(
        "DjVE6JNiYqPL2QXyCUUh8rNjHrbz9hXHNYt99MQ59qw1",
        "orca_v1",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
)
