"""Raydium AMM v4. All its vaults belong to one authority.

Tags 9 and 11 swap with or without open orders, 16 and 17 are their second versions:
https://github.com/raydium-io/raydium-amm/blob/master/program/src/instruction.rs.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8",
        "raydium_v4",
        Role.POOL,
        swaps=(b"\x09", b"\x0b", b"\x10", b"\x11"),
        name_trader=account_at(-1),
    ),
)
