"""1DEX (`swap_exact_amount_in`).

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("DEXYosS6oEGvk8uCDayvwEZz4qEyDJRf9nFgYCaqPMTm", "one_dex", Role.POOL),)
