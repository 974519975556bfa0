"""PumpSwap, where bonding curves migrate to.

Accounts of `buy` and `sell`: 0 pool, 1 user, 10 the protocol's fee account, 17 the creator's:
https://github.com/pump-fun/pump-public-docs/blob/main/idl/pump_amm.json.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    if account in instruction.accounts[17:18]:
        return Kind.CREATOR_FEE
    return None


PROGRAMS: Final = (
    Program(
        "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA",
        "pump_swap",
        Role.POOL,
        swaps=anchor("66063d1201daebea", "33e685a4017f83ad", "c62e1552b4d9e870"),
        incomes=anchor(
            "a039592ab58b2b42",  # collect_coin_creator_fee
            "253a237ebe35e4c5",  # claim_cashback
            "1004471ccc01281b",  # claim_token_incentives
        ),
        name_trader=account_at(1),
        name_fee=_name_fee,
    ),
)
