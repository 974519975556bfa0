"""FluxBeam, whose pools hold Token-2022 mints. A fork of the token-swap program: tag 1 swaps.

https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/fluxbeam`) and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "FLUXubRmkEi2q6K3Y9kBPg9248ggaZVsoSFhtJHSrm1X",
        "fluxbeam",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
)
