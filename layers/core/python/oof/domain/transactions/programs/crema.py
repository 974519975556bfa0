"""Crema, concentrated pools, and those it opened with.

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`) and
https://github.com/JulienCouzinie/Grafolana (`config/dex_programs/swap_programs.py`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("6MLxLqiXaaSUpkgMnWDTuejNZEz3kE7k2woyHGVFw319", "crema_v1", Role.POOL),
    Program("CLMM9tUoggJu2wagPkkqs9eFG4BWhVBZWkP1qv3Sp7tR", "crema", Role.POOL),
)
