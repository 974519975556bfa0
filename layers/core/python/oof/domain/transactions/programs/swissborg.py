"""SwissBorg, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "MEXkeo4BPUCZuEJ4idUUwMPu4qvc9nkqtLn3yAyZLxg",
        "swissborg",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
