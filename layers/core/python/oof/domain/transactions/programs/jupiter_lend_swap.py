"""Jupiter Lend's pools over its own liquidity.

https://www.helius.dev/parsed-data/jupiter/lend-amm.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("jupZ4m2GqUCJ5iueMfzQf8khFfH31d4XAQt3RzCT9Vd", "jupiter_lend_swap", Role.POOL),
)
