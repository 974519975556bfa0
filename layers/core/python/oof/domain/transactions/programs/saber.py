"""Saber, stable pairs: tag 1 swaps; the wrapper adapts decimals by minting and burning.

https://github.com/saber-hq/stable-swap (`stable-swap-client/src/instruction.rs`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "SSwpkEEcbUqx4vtoEByFjSkhKdCT862DNVb52nZg1UZ",
        "saber",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
    Program("DecZY86MU5Gj7kppfUCEmd4LbXXuyZH1yHaP2NTqdiZB", "saber_decimals", Role.POOL),
)
