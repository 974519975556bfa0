"""Dradex, an order book.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("dp2waEWSBy5yKmq65ergoU3G6qRLmqa6K7We4rZSKph", "dradex", Role.POOL),)
