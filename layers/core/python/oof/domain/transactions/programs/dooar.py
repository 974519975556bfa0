"""STEPN's DOOAR. A fork of the token-swap program: tag 1 swaps.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "Dooar9JkhdZ7J3LHN3A7YCuoGRUggXhQaG4kijfLGU2j",
        "dooar",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
)
