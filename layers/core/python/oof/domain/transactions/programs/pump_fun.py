"""pump.fun's bonding curves. A sale pays out lamports without any system instruction.

Accounts of `buy` and `sell`: 1 fee recipient, 3 curve, 6 user, then the creator's vault among
8 and 9; of the versions that also trade against other mints than SOL: 6 fee recipient, 8 buyback's,
10 curve, 13 user, 16 and 17 the creator's vault and its token account, then from 19 the user's
accumulator of cashback:
https://github.com/pump-fun/pump-public-docs/blob/main/idl/pump.json and, for accounts appended
since, `docs/BREAKING_FEE_RECIPIENT.md` and `docs/PUMP_CASHBACK_README.md` there. Balances tell one
sale; of several on one curve, the event each sends itself (`TradeEvent`) tells who got what.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Payout, Program, Role, anchor
from oof.domain.units import SOL_MINT

PUMP_FUN: Final = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"

_SWAPS: Final = anchor("66063d1201daebea", "33e685a4017f83ad", "38fc74089edfcd5f")
"""`buy`, `sell`, `buy_exact_sol_in`."""
_SWAPS_V2: Final = anchor("b817ee6167c5d33d", "5df6823ce7e940b2", "c2ab1c46684d5b2f")
"""`buy_v2`, `sell_v2`, `buy_exact_quote_in_v2`."""
_SELL: Final = bytes.fromhex("33e685a4017f83ad")
_SELL_V2: Final = bytes.fromhex("5df6823ce7e940b2")
_TRADE_EVENT: Final = bytes.fromhex("e445a52e51cb9a1dbddb7fd34ee661ee")
_CASHBACK_OF_BUY: Final = 13
_CASHBACK_OF_SELL: Final = 14
_AMBIGUOUS: Final = 2


def _is_v2(instruction: Instruction) -> bool:
    """Whether its accounts stand as in the second versions. Raises ValueError on bad data."""
    return instruction.read_data().startswith(_SWAPS_V2)


def _name_trader(instruction: Instruction) -> str | None:
    accounts = instruction.accounts
    try:
        position = 13 if _is_v2(instruction) else 6
    except ValueError:
        return None
    return accounts[position] if len(accounts) > position else None


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    """Name the creator's fee; of a coin with cashback the user's own accumulator gets it."""
    accounts = instruction.accounts
    try:
        if _is_v2(instruction):
            named = accounts[16:18] + accounts[19:22]
        else:
            is_sale = instruction.read_data().startswith(_SELL)
            cashback = _CASHBACK_OF_SELL if is_sale else _CASHBACK_OF_BUY
            named = accounts[8:10] + accounts[cashback : cashback + 1]
    except ValueError:
        return None
    return Kind.CREATOR_FEE if account in named else None


def _list_payouts(instructions: list[Instruction]) -> list[Payout]:
    """List what sales paid out, where several were made; what is amiss is settled later."""
    sales: list[tuple[int, Instruction, bytes]] = []
    last: tuple[int, Instruction] | None = None
    for at, instruction in enumerate(instructions):
        if instruction.program != PUMP_FUN:
            continue
        data = instruction.read_data()
        if data.startswith((_SELL, _SELL_V2)):
            last = (at, instruction)
        elif data.startswith(_TRADE_EVENT) and last is not None:
            sales.append((*last, data))
            last = None
    if len(sales) < _AMBIGUOUS:
        return []
    return [payout for sale in sales for payout in _payouts_of(*sale)]


def _payouts_of(at: int, sale: Instruction, event: bytes) -> Iterator[Payout]:
    """Tell the lamports of a sale: what the event states, to whom the accounts say."""
    accounts = sale.accounts
    if len(event) < 233 or event[64] or len(accounts) < 9:
        return
    if sale.read_data().startswith(_SELL_V2):
        if len(accounts) < 20 or accounts[2] != SOL_MINT:
            return
        curve, user, fee_recipient, creator = (accounts[place] for place in (10, 13, 6, 16))
        accumulator, buyback = accounts[19], accounts[8]
    else:
        curve, user, fee_recipient, creator = (accounts[place] for place in (3, 6, 1, 8))
        accumulator, buyback = accounts[min(14, len(accounts) - 1)], accounts[-1]
    stated = _read_event(event)
    charged = stated.fee + stated.creator_fee + stated.cashback
    for receiver, lamports in (
        (user, stated.gross - charged),
        (fee_recipient, stated.fee - stated.buyback_fee),
        (creator, stated.creator_fee),
        (accumulator, stated.cashback),
        (buyback, stated.buyback_fee),
    ):
        if lamports > 0:
            yield Payout(at, curve, receiver, lamports)


class _Stated(NamedTuple):
    """Lamports by a sale's event: `fee` holds `buyback_fee`, nothing else is in another."""

    gross: int
    fee: int
    creator_fee: int
    cashback: int
    buyback_fee: int


def _read_event(event: bytes) -> _Stated:
    """Read offsets 48 gross, 177 fee, 225 creator's fee; after the instruction's name the rest.

    Older events are shorter: what they lack was not charged.
    """

    def number(offset: int) -> int:
        return int.from_bytes(event[offset : offset + 8], "little")

    after_name = 270 + int.from_bytes(event[266:270], "little")
    has_rest = len(event) >= after_name + 33
    return _Stated(
        gross=number(48),
        fee=number(177),
        creator_fee=number(225),
        cashback=number(after_name + 9) if has_rest else 0,
        buyback_fee=number(after_name + 25) if has_rest else 0,
    )


PROGRAMS: Final = (
    Program(
        PUMP_FUN,
        "pump_fun",
        Role.POOL,
        kind=Kind.TRANSFER,
        swaps=_SWAPS + _SWAPS_V2,
        incomes=anchor(
            "1416567bc61cdb84",  # collect_creator_fee
            "cf118af204221338",  # collect_creator_fee_v2
            "253a237ebe35e4c5",  # claim_cashback
            "7af3cc415e741d37",  # claim_cashback_v2
            "1004471ccc01281b",  # claim_token_incentives
            "a572670079cef751",  # distribute_creator_fees
            "ffcb134ff444089f",  # distribute_creator_fees_v2
        ),
        name_trader=_name_trader,
        name_fee=_name_fee,
        list_payouts=_list_payouts,
    ),
)
