"""Step Finance. A fork of the token-swap program: tag 1 swaps.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "SSwpMgqNDsyV7mAgN9ady4bDVu5ySjmmXejXvy2vLt1",
        "step_finance",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
)
