"""Raydium's second and third liquidity pools, of 2021.

https://github.com/solana-foundation/explorer (`app/utils/programs.ts`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("RVKd61ztZW9GUwhRbbLoYVRE5Xf1B2tVscKqwZqXgEr", "raydium_v2", Role.POOL),
    Program("27haf8L6oxUeXrHrgEgsexjSY5hbVUWEmvv9Nyxg8vQv", "raydium_v3", Role.POOL),
)
