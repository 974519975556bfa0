"""Symmetry, baskets of tokens.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("2KehYt3KsEQR53jYcxjbQp2d2kCp4AkuQW68atufRwSr", "symmetry", Role.POOL),)
