"""Perena (Numeraire), pools of stable mints.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("NUMERUNsFCP3kuNmWZuXtm1AaQCPj9uw6Guv2Ekoi5P", "perena", Role.POOL),)
