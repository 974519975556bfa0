"""Saber, stable pairs: tag 1 swaps; the wrapper adapts decimals by minting and burning; a router.

https://github.com/saber-hq/stable-swap (`stable-swap-client/src/instruction.rs`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`); the router:
https://github.com/FlipsideCrypto/solana-models (`models/silver/liquidity_pool`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
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
    Program(
        "Crt7UoUR6QgrFrN7j8rmSQpUTNWNSitSwWvsWGf1qZ5t",
        "saber_router",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
