"""Raydium's pools of stable pairs: tags 9 and 11 swap, as in its other first pools.

https://github.com/FlipsideCrypto/solana-models (`silver__swaps_intermediate_raydium_stable.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("5quBtoiQqxF9Jv6KYKctB59NT3gtJD2Y65kdnB1Uev3h", "raydium_stable", Role.POOL),
)
