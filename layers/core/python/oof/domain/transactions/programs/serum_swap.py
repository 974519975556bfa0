"""Serum's swap, over one or two order books.

https://github.com/project-serum/swap.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "22Y43yTVxuUkoRKdm9thyRhQ3SdgQS7c7kB6UNCiaczD",
        "serum_swap",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
