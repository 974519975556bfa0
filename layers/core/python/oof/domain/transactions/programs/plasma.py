"""Plasma (Gavel): tag 0 swaps.

https://github.com/pinax-network/substreams-solana-idls (`src/plasma`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "srAMMzfVHVAtgSJc8iH6CfKzuWuUTzLHVCE81QU1rgi",
        "plasma",
        Role.POOL,
        swaps=(b"\x00",),
    ),
)
