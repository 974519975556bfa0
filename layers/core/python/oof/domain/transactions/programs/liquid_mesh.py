"""Liquid Mesh, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "HuTkmnrv4zPnArMqpbMbFhfwzTR7xfWQZHH1aQKzDKFZ",
        "liquid_mesh",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
