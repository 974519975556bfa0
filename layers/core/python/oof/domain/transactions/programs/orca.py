"""Orca: the Whirlpools and both token-swap programs before them.

https://github.com/orca-so/whirlpools/tree/main/programs/whirlpool/src/instructions (`swap`,
`swap_v2`, `two_hop_swap` and its v2), https://github.com/orca-so/typescript-sdk.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

_SWAP_V2: Final = bytes.fromhex("2b04ed0b1ac91e62")


def _whirlpool_trader(instruction: Instruction) -> str | None:
    try:
        is_v2 = instruction.read_data().startswith(_SWAP_V2)
    except ValueError:
        return None
    return account_at(3 if is_v2 else 1)(instruction)


PROGRAMS: Final = (
    Program(
        "whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc",
        "orca_whirlpool",
        Role.POOL,
        swaps=anchor(
            "f8c69e91e17587c8", "2b04ed0b1ac91e62", "c360ed6c44a2dbe6", "ba8fd11dfe02c275"
        ),
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
