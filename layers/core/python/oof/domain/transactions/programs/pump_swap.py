"""PumpSwap, where bonding curves migrate to.

Accounts of `buy` and `sell`: 0 pool, 1 user, 10 the protocol's fee account, 17 the creator's:
https://github.com/pump-fun/pump-public-docs/blob/main/idl/pump_amm.json. Of a coin with cashback
the creator's fee goes to an account of the user's, the first beyond those (21 of `sell`, 23 of
`buy`), from where it is claimed: `docs/PUMP_CASHBACK_README.md` there.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

_SWAPS: Final = anchor("66063d1201daebea", "33e685a4017f83ad", "c62e1552b4d9e870")
"""`buy`, `sell`, `buy_exact_quote_in`."""
_SELL: Final = _SWAPS[1]


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    try:
        cashback = 21 if instruction.read_data().startswith(_SELL) else 23
    except ValueError:
        return None
    accounts = instruction.accounts
    if account in accounts[17:18] or account in accounts[cashback : cashback + 1]:
        return Kind.CREATOR_FEE
    return None


PROGRAMS: Final = (
    Program(
        "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA",
        "pump_swap",
        Role.POOL,
        swaps=_SWAPS,
        incomes=anchor(
            "a039592ab58b2b42",  # collect_coin_creator_fee
            "253a237ebe35e4c5",  # claim_cashback
            "1004471ccc01281b",  # claim_token_incentives
        ),
        name_trader=account_at(1),
        name_fee=_name_fee,
    ),
)
