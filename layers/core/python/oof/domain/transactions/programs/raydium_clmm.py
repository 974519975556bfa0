"""Raydium's concentrated liquidity pools.

https://github.com/raydium-io/raydium-clmm/tree/master/programs/amm/src/instructions (`swap`,
`swap_v2`, `swap_router_base_in`; limit orders, which rest and are settled later: escrow).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

_ORDERS: Final = anchor(
    "9d20dab7471d1293",  # open_limit_order
    "b19059ecfaba7d63",  # increase_limit_order
    "759d3c674231a300",  # decrease_limit_order
    "cd4e74215c691a60",  # settle_limit_order
    "4c7c800fd55725fa",  # close_limit_order
)

PROGRAMS: Final = (
    Program(
        "CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK",
        "raydium_clmm",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8", "2b04ed0b1ac91e62", "457d73daf5baf2c4"),
        kinds=tuple((order, Kind.ESCROW) for order in _ORDERS),
        name_trader=account_at(0),
    ),
)
