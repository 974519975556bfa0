"""Serum DEX v3: an order book. Deposits of resting orders and settlements are escrow.

Data is `version u8, tag u32`:
https://github.com/project-serum/serum-dex/blob/master/dex/src/instruction.rs.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
        "serum_v3",
        Role.POOL,
        kind=Kind.ESCROW,
        swaps=(
            b"\x00\x01\x00\x00\x00",
            b"\x00\x09\x00\x00\x00",
            b"\x00\x0a\x00\x00\x00",
            b"\x00\x0d\x00\x00\x00",
        ),
    ),
)
