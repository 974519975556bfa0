"""0x, a router.

https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "Sett1erwx2eqT5A8uvu8GBxDFT2W5TNnhirL7hLmb8m",
        "zero_ex",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
