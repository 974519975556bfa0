"""Aldrin and its second version.

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("AMM55ShdkoGRB5jVYPjWziwk8m5MpwyDgsMWHaMSQWH6", "aldrin_v1", Role.POOL),
    Program("CURVGoZn8zycx6FXwwevgBTB2gVvdbGTEpvMJDbgs2t4", "aldrin_v2", Role.POOL),
)
