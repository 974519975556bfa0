"""Crema, concentrated pools.

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("CLMM9tUoggJu2wagPkkqs9eFG4BWhVBZWkP1qv3Sp7tR", "crema", Role.POOL),)
