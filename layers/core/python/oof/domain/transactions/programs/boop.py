"""boop.fun's bonding curves: `buy_token` and `sell_token` against a curve's two vaults.

The interface is published on chain as the Anchor IDL account of the program below.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, anchor

PROGRAMS: Final = (
    Program(
        "boop8hVGQGqehUK2iVEMEnMrL5RbjywRzHKBmBE7ry4",
        "boop",
        Role.POOL,
        swaps=anchor("8a7f0e5b26577369", "6d3d28bbe6b087ae"),
    ),
)
