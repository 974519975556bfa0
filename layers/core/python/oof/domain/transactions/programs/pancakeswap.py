"""PancakeSwap's concentrated pools, which have the interface of Raydium's.

https://github.com/pinax-network/substreams-solana-idls (`src/pancakeswap`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

PROGRAMS: Final = (
    Program(
        "HpNfyc2Saw7RKkQd8nEL4khUcuPhQ7WwY1B2qjx8jxFq",
        "pancakeswap",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8", "2b04ed0b1ac91e62", "457d73daf5baf2c4"),
        name_trader=account_at(0),
    ),
)
