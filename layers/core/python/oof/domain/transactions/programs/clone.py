"""Clone, pools of cloned assets.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("C1onEW2kPetmHmwe74YC1ESx3LnFEpVau6g2pg4fHycr", "clone", Role.POOL),)
