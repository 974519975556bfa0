"""Raydium's own router.

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "routeUGWgWzqBWFcrCfv8tritsqukccJPu3q5GPP3xS",
        "raydium_route",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
