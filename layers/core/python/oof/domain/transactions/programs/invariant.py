"""Invariant, concentrated pools.

https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("HyaB3W9q6XdA5xwpU4XnSZV94htfmbmqJXZcEbRaJutt", "invariant", Role.POOL),)
