"""pump.fun's bonding curves. A sale pays out lamports without any system instruction.

Accounts of `buy` and `sell`: 1 fee recipient, 3 curve, 6 user, then the creator's vault among
8 and 9: https://github.com/pump-fun/pump-public-docs/blob/main/idl/pump.json. Balances tell one
sale; of several on one curve, the event each sends itself (`TradeEvent`) tells who got what.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import (
    Payout,
    Program,
    Role,
    account_at,
    anchor,
)

PUMP_FUN: Final = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"

_SELLS: Final = anchor("33e685a4017f83ad")
_TRADE_EVENT: Final = bytes.fromhex("e445a52e51cb9a1dbddb7fd34ee661ee")
_AMBIGUOUS: Final = 2


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    if account in instruction.accounts[8:10]:
        return Kind.CREATOR_FEE
    return None


def _list_payouts(instructions: list[Instruction]) -> list[Payout]:
    """List what sales paid out, where several were made; what is amiss is settled later."""
    sales: list[tuple[int, Instruction, bytes]] = []
    last: tuple[int, Instruction] | None = None
    for at, instruction in enumerate(instructions):
        if instruction.program != PUMP_FUN:
            continue
        data = instruction.read_data()
        if data.startswith(_SELLS):
            last = (at, instruction)
        elif data.startswith(_TRADE_EVENT) and last is not None:
            sales.append((*last, data))
            last = None
    if len(sales) < _AMBIGUOUS:
        return []
    return [payout for sale in sales for payout in _payouts_of(*sale)]


def _payouts_of(at: int, sale: Instruction, event: bytes) -> list[Payout]:
    """Read lamports of a sale: offsets 48 gross, 64 is a purchase, 177 fee, 225 creator's fee."""
    accounts = sale.accounts
    if len(event) < 233 or event[64] or len(accounts) < 9:
        return []
    gross, fee, creator_fee = (
        int.from_bytes(event[offset : offset + 8], "little") for offset in (48, 177, 225)
    )
    shares = ((6, gross - fee - creator_fee), (1, fee), (8, creator_fee))
    return [
        Payout(at, accounts[3], accounts[position], lamports)
        for position, lamports in shares
        if lamports > 0
    ]


PROGRAMS: Final = (
    Program(
        PUMP_FUN,
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
        list_payouts=_list_payouts,
    ),
)
