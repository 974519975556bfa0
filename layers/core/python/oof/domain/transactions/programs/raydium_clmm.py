"""Raydium's concentrated liquidity pools.

https://github.com/raydium-io/raydium-clmm/tree/master/programs/amm/src/instructions (`swap`,
`swap_v2`, `swap_router_base_in`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

PROGRAMS: Final = (
    Program(
        "CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK",
        "raydium_clmm",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8", "2b04ed0b1ac91e62", "457d73daf5baf2c4"),
        name_trader=account_at(0),
    ),
)
