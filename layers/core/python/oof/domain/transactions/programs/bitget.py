"""Bitget, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "s7SunwrPG5SbViEKiViaDThPRJxkkTrNx2iRPN3exNC",
        "bitget",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "2UUgGySTVXmKFatH7pGQo84ZrzdSYF5zw9iqrGwBMuuj",
        "bitget",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
