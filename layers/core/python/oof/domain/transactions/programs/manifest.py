"""Manifest, an order book that settles takers at once: tags 4 and 13 swap.

https://github.com/CKS-Systems/manifest (`programs/manifest/src/program/instruction.rs`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "MNFSTqtC93rEfYHB6hF82sKdZpUDFWkViLByLd1k1Ms",
        "manifest",
        Role.POOL,
        kind=Kind.ESCROW,
        swaps=(b"\x04", b"\x0d"),
    ),
)
