"""Orca's Wavebreak, bonding curves.

https://github.com/DefiLlama/dimension-adapters (`dexs/orca-wavebreak.ts`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("waveQX2yP3H1pVU8djGvEHmYg8uamQ84AuyGtpsrXTF", "orca_wavebreak", Role.POOL),
)
