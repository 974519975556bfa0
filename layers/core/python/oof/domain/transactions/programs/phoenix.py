"""Phoenix: an order book that settles takers at once; resting orders are escrow.

https://github.com/Ellipsis-Labs/phoenix-v1/blob/master/src/program/instruction.rs (tag u8).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "PhoeNiXZ8ByJGLkxNfZRnkUfjvmuYqLR89jjFHGqdXY",
        "phoenix",
        Role.POOL,
        kind=Kind.ESCROW,
        swaps=(b"\x00", b"\x01", b"\x02"),
    ),
)
