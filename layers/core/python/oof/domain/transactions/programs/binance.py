"""Binance's wallet, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "B3111yJCeHBcA1bizdJjUFPALfhAfSRnAbJzGUtnt56A",
        "binance",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "BN111JnbLtbmQqqiCh7h2pDKhAhMx4wi77Mj7jJFbyp8",
        "binance",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
