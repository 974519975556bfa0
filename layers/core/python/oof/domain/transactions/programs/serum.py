"""Serum DEX v3: an order book. Deposits of resting orders and settlements are escrow.

Data is `version u8, tag u32`; of `NewOrderV3` then `side u32`, three limits of u64, `self-trade
u32, type u32`; its accounts, like those of `SettleFunds`, begin with the market and the account of
open orders. OpenBook's first book has the same layout:
https://github.com/project-serum/serum-dex/blob/master/dex/src/instruction.rs.
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

SERUM_V3: Final = "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin"
BOOKS: Final = frozenset({SERUM_V3, "srmqPvymJeFKQ4zGQed1GFppgkRHL9kaELCbyksJtPX"})

_NEW_ORDER: Final = b"\x00\x0a\x00\x00\x00"
_SETTLE: Final = b"\x00\x05\x00\x00\x00"
_TYPE: Final = 37
_IMMEDIATE_OR_CANCEL: Final = b"\x01\x00\x00\x00"
_OPEN_ORDERS: Final = 1


def name_taking(instruction: Instruction) -> str | None:
    """Name the open orders of an order that fills at once or not at all."""
    data = _read(instruction)
    is_immediate = data[_TYPE : _TYPE + 4] == _IMMEDIATE_OR_CANCEL
    return _open_orders(instruction) if data.startswith(_NEW_ORDER) and is_immediate else None


def name_settled(instruction: Instruction) -> str | None:
    """Name the open orders whose proceeds are settled."""
    return _open_orders(instruction) if _read(instruction).startswith(_SETTLE) else None


def _read(instruction: Instruction) -> bytes:
    try:
        return instruction.read_data()
    except ValueError:
        return b""


def _open_orders(instruction: Instruction) -> str | None:
    accounts = instruction.accounts
    return accounts[_OPEN_ORDERS] if len(accounts) > _OPEN_ORDERS else None


PROGRAMS: Final = (
    Program(
        SERUM_V3,
        "serum_v3",
        Role.POOL,
        kind=Kind.ESCROW,
        swaps=(
            b"\x00\x01\x00\x00\x00",
            b"\x00\x09\x00\x00\x00",
            b"\x00\x0a\x00\x00\x00",
            b"\x00\x0d\x00\x00\x00",
        ),
    ),
)
