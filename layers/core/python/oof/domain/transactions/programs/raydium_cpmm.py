"""Raydium's constant product pools, Token-2022 aware.

https://github.com/raydium-io/raydium-cp-swap/tree/master/programs/cp-swap/src/instructions
(`swap_base_input`, `swap_base_output`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

PROGRAMS: Final = (
    Program(
        "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C",
        "raydium_cpmm",
        Role.POOL,
        swaps=anchor("8fbe5adac41e33de", "37d96256a34ab4ad"),
        name_trader=account_at(0),
    ),
)
