"""Cropper: a token-swap pool (tag 1 swaps), later concentrated pools like Orca's.

https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`) and
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/cropper`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "CTMAxxk34HjKWxQ3QLZK1HpaLXmBveao3ESePXbiyfzh",
        "cropper",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
    Program("H8W3ctz92svYg6mkn1UtGfu2aQr2fnUFHM1RhScEtQDt", "cropper_clmm", Role.POOL),
)
