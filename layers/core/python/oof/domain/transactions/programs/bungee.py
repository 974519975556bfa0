"""Bungee, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "bung5E8oYryGA7d2ivgoe1spoZRS88cvcwoK23TtExg",
        "bungee",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
