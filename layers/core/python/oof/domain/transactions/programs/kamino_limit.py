"""Kamino's limit orders and its swaps by intent: takers pay makers out of what an escrow holds.

`take_order` exchanges at once; between the two halves of a flash take the taker swaps what it was
lent. Accounts: 1 the maker, 3 the owner of the vaults: discriminators and positions as in
https://github.com/sevenlabs-hq/carbon (`decoders/kamino-limit-order-decoder`).
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.model import Role as Side
from oof.domain.transactions.programs.program import Fill, Program, Role, anchor

_TAKES: Final = anchor("a3d014acdf41ffe4", "7e35b00f276761f3", "cef2d7bb8621e094")
"""`take_order`, `flash_take_order_start`, `flash_take_order_end`."""


def _name_fill(instruction: Instruction) -> Fill | None:
    accounts = instruction.accounts
    if len(accounts) <= 4 or not instruction.read_data().startswith(_TAKES):
        return None
    return Fill(escrow=accounts[3], maker=accounts[1], side=Side.MAKER)


PROGRAMS: Final = (
    Program(
        "LiMoM9rMhrdYrfzUCxQppvxCSG1FcrUK9G8uLq4A1GF",
        "kamino_limit",
        Role.ORDERS,
        kind=Kind.ESCROW,
        name_fill=_name_fill,
    ),
)
