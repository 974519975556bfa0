"""Heaven, launches and their pools. The user stands sixth in `buy` and `sell`.

https://github.com/pinax-network/substreams-solana-idls (`src/heaven`) and
https://github.com/cxcx-ai/solana-dex-parser (`src/constants/discriminators.ts`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

PROGRAMS: Final = (
    Program(
        "HEAVENoP2qxoeuF8Dj2oT1GHEnu49U5mJYkdeC8BAX2o",
        "heaven",
        Role.POOL,
        swaps=anchor("66063d1201daebea", "33e685a4017f83ad", "2a2b7e38e70ad035"),
        name_trader=account_at(5),
    ),
)
