"""Penguin Finance. A fork of the token-swap program: tag 1 swaps.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "PSwapMdSai8tjrEXcxFeQth87xC4rRsa4VA5mhGhXkP",
        "penguin",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
)
