"""boop.fun's bonding curves: `buy_token` and `sell_token` against a curve's two vaults.

Accounts: 2 the vault of trading fees, which shares its owner with the token vault (3), 4 the
curve's lamports: read off recorded transactions and the Anchor IDL published on chain.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    return Kind.PROTOCOL_FEE if account in instruction.accounts[2:3] else None


PROGRAMS: Final = (
    Program(
        "boop8hVGQGqehUK2iVEMEnMrL5RbjywRzHKBmBE7ry4",
        "boop",
        Role.POOL,
        swaps=anchor("8a7f0e5b26577369", "6d3d28bbe6b087ae"),
        name_fee=_name_fee,
    ),
)
