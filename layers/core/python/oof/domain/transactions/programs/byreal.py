"""Byreal: concentrated pools with the interface of Raydium's, a router, and quotes.

https://github.com/pinax-network/substreams-solana-idls (`src/byreal`) and
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/byreal`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

PROGRAMS: Final = (
    Program(
        "REALQqNEomY6cQGZJUGwywTBD2UmDT32rZcNnfxQ5N2",
        "byreal",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8", "2b04ed0b1ac91e62", "457d73daf5baf2c4"),
        name_trader=account_at(0),
    ),
    Program(
        "REALp6iMBDTctQqpmhBo4PumwJGcybbnDpxtax3ara3",
        "byreal_router",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program("REALFP9S4VmrAixmeYa68FrPKn4NVD2QFxxMfz9arhz", "byreal_rfq", Role.POOL),
)
