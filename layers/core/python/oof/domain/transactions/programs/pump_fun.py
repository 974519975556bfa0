"""pump.fun's bonding curves. A sale pays out lamports without any system instruction.

Accounts of `buy` and `sell`: 1 fee recipient, 3 curve, 6 user, then the creator's vault among
8 and 9: https://github.com/pump-fun/pump-public-docs/blob/main/idl/pump.json.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    if account in instruction.accounts[8:10]:
        return Kind.CREATOR_FEE
    return None


PROGRAMS: Final = (
    Program(
        "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P",
        "pump_fun",
        Role.POOL,
        kind=Kind.TRANSFER,
        swaps=anchor(
            "66063d1201daebea",
            "33e685a4017f83ad",
            "38fc74089edfcd5f",
            "b817ee6167c5d33d",
            "5df6823ce7e940b2",
            "c2ab1c46684d5b2f",
        ),
        incomes=anchor("1416567bc61cdb84", "253a237ebe35e4c5"),
        name_trader=account_at(6),
        name_fee=_name_fee,
    ),
)
