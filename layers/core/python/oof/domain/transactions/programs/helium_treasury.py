"""Helium's treasury management, which redeems mints of its networks.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("treaf4wWBBty3fHdyBpo35Mz84M8k3heKXmjmi9vFt5", "helium_treasury", Role.POOL),
)
