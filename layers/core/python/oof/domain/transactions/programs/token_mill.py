"""Token Mill, bonding curves.

https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("JoeaRXgtME3jAoz5WuFXGEndfv4NPH9nBxsLq44hk9J", "token_mill", Role.POOL),)
