"""BonkSwap. The user stands ninth in `swap`, then two accounts of a referrer.

https://github.com/pinax-network/substreams-solana-idls (`src/bonkswap`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor, fee_at

PROGRAMS: Final = (
    Program(
        "BSwp6bEBihVLdqJRKGgzjcGLHkcTuzmSo1TQkHepzH8p",
        "bonkswap",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8"),
        name_trader=account_at(8),
        name_fee=fee_at(Kind.PLATFORM_FEE, 9, 10),
    ),
)
