"""Fox.

https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("HyhpEq587ANShDdbx1mP4dTmDZC44CXWft29oYQXDb53", "fox", Role.POOL),)
