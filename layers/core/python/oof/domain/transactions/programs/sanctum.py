"""Sanctum: a pool of all liquid stake mints, and a router through stake pools.

To stake through the router is no trade of its own; below another router it is a hop.
https://github.com/igneous-labs/S, https://github.com/pinax-network/substreams-solana-idls
(`src/sanctum`), https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("5ocnV1qiCgaQR8Jb8xWnVbApfaygJ8tNoZfgPwsgx9kx", "sanctum_infinity", Role.POOL),
    Program(
        "stkitrT1Uoy18Dk1fTrgPw8W6MVzoCfYoAFT4MLsmhq",
        "sanctum_router",
        Role.OTHER,
        kind=Kind.STAKE,
    ),
)
