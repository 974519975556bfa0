"""Spur, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "SPURp82qAR9nvzy8j1gP31zmzGytrgDBKcpGzeGkka8",
        "spur",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
