"""Darklake, pools whose orders settle later: what waits is escrow.

https://github.com/pinax-network/substreams-solana-idls (`src/darklake`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "darkr3FB87qAZmgLwKov6Hk9Yiah5UT4rUYu8Zhthw1",
        "darklake",
        Role.POOL,
        kind=Kind.ESCROW,
    ),
)
