"""Mercurial, pools of several stable mints: tag 4 exchanges.

https://github.com/mercurial-finance/stable-swap-n-pool-js and
https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "MERLuDFBMmsHnsBPZw2sDQZHvXFMwp8EdjudcU2HKky",
        "mercurial",
        Role.POOL,
        swaps=(b"\x04",),
    ),
)
