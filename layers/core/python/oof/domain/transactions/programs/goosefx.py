"""GooseFX: single-sided liquidity, its second version, and GAMMA.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("7WduLbRfYhTJktjLw5FDEyrqoEv61aTTCuGAetgLjzN5", "goosefx_ssl_v1", Role.POOL),
    Program("GFXsSL5sSaDfNFQUYsHekbWBW1TsFdjDYzACh62tEHxn", "goosefx_ssl_v2", Role.POOL),
    Program("GAMMA7meSFWaBXF25oSUgmGRwaW6sCMFLmBNiMSdbHVT", "goosefx_gamma", Role.POOL),
)
