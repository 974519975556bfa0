"""Heaven, launches and their pools. The user stands sixth in `buy` and `sell`.

https://github.com/pinax-network/substreams-solana-idls (`src/heaven`) and
https://github.com/cxcx-ai/solana-dex-parser (`src/constants/discriminators.ts`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "HEAVENoP2qxoeuF8Dj2oT1GHEnu49U5mJYkdeC8BAX2o",
        "heaven",
        Role.POOL,
        name_trader=account_at(5),
    ),
)
