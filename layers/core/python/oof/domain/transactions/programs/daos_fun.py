"""daos.fun, bonding curves of funds.

https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("5jnapfrAN47UYkLkEf7HnprPPBCQLvkYWGZDeKkaP5hv", "daos_fun", Role.POOL),)
