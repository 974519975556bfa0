"""dump.fun, bonding curves.

https://github.com/pinax-network/substreams-solana-idls (`src/dumpfun`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor

PROGRAMS: Final = (
    Program(
        "DumpFunGAgW6kPHzWMA3Nnqecyrd6SGnLZvNGp2aHwEa",
        "dumpfun",
        Role.POOL,
        kind=Kind.TRANSFER,
        swaps=anchor("8191d14b58a98e08", "6bc6fae269305987", "22c667691c008a5c"),
    ),
)
