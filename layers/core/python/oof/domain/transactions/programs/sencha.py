"""Sencha, constant product pools.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("SCHAtsf8mbjyjiv4LkhLKutTf6JnZAbdJKFkXQNMFHZ", "sencha", Role.POOL),)
