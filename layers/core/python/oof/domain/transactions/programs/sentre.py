"""Sentre (Balansol), weighted pools.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("D3BBjqUdCYuP18fNvvMbPAZ8DpcRi4io2EsYHQawJDag", "sentre", Role.POOL),)
