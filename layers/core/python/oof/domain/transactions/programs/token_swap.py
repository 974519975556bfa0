"""The token-swap program of the Solana program library: tag 1 swaps.

https://github.com/solana-labs/solana-program-library (`token-swap/program/src/instruction.rs`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "SwaPpA9LAaLfeLi3a68M4DjnLqgtticKg6CnyNwgAC8",
        "token_swap",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
)
