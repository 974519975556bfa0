"""Jupiter aggregators v4 and v6: routes over other programs' pools.

The user stands where the variant puts it, so it is told by its balances:
https://github.com/jup-ag/jupiter-cpi/blob/main/idl.json.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "JUP6LkbZbjS1jKKwapdHNy74zcZ3tLUZoi5QNyVTaV4",
        "jupiter_v6",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "JUP4Fb2cqiRUcaTHdrPC8h2gNsA2ETXiPDD33WcGuJB",
        "jupiter_v4",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "JUP3c2Uh3WA4Ng34tw6kPd2G4C5BB21Xo36Je1s32Ph",
        "jupiter_v3",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "JUP2jxvXaqu7NQY1GmNF4m1vodw12LVXYxbFL2uJvfo",
        "jupiter_v2",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
