"""Jupiter's limit orders, DCA and value averaging: an escrow pays for its maker, a keeper signs.

A keeper takes the input from the escrow, swaps it through a router, and pays out the output, all
in one transaction. `fill` and `flash_fill` name order and maker:
https://github.com/jup-ag/limit-order-sdk (v1), https://github.com/jup-ag/jupiter-cpi. DCA's event
`Filled` opens with the user and the DCA account: https://github.com/jup-ag/dca-sdk. That of value
averaging opens with its account and the user: https://github.com/cxcx-ai/solana-dex-parser
(`src/parsers/jupiter/layouts/jupiter-va.layout.ts`).
"""

from typing import Final

from oof.domain.transactions.base58 import encode_base58
from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.model import Role as Side
from oof.domain.transactions.programs.program import Fill, Program, Role

_FILLS: Final = (
    bytes.fromhex("e87a7319c78f88a2"),  # fill_order
    bytes.fromhex("fc681286a44e128c"),  # flash_fill_order
)
_DCA_TRANSFER: Final = bytes.fromhex("a334c8e78c0345ba")
_DCA_FILLED: Final = bytes.fromhex("e445a52e51cb9a1d") + bytes.fromhex("8604113fdd2db1ad")

_VA_FILLED: Final = bytes.fromhex("e445a52e51cb9a1d") + bytes.fromhex("4ee1c79a56dbe0a9")


def _limit_v1_fill(instruction: Instruction) -> Fill | None:
    accounts = instruction.accounts
    if len(accounts) < 3 or not instruction.read_data().startswith(_FILLS):
        return None
    return Fill(escrow=accounts[0], maker=accounts[2], side=Side.MAKER)


def _limit_v2_fill(instruction: Instruction) -> Fill | None:
    accounts = instruction.accounts
    if len(accounts) < 3 or not instruction.read_data().startswith(_FILLS):
        return None
    return Fill(escrow=accounts[2], maker=accounts[1], side=Side.MAKER)


def _dca_fill(instruction: Instruction) -> Fill | None:
    accounts = instruction.accounts
    data = instruction.read_data()
    if data.startswith(_DCA_TRANSFER) and len(accounts) > 2:
        return Fill(escrow=accounts[1], maker=accounts[2], side=Side.TAKER)
    if data.startswith(_DCA_FILLED) and len(data) >= 80:
        return Fill(
            escrow=encode_base58(data[48:80]),
            maker=encode_base58(data[16:48]),
            side=Side.TAKER,
        )
    return None


def _va_fill(instruction: Instruction) -> Fill | None:
    data = instruction.read_data()
    if not data.startswith(_VA_FILLED) or len(data) < 80:
        return None
    return Fill(
        escrow=encode_base58(data[16:48]), maker=encode_base58(data[48:80]), side=Side.TAKER
    )


PROGRAMS: Final = (
    Program(
        "jupoNjAxXgZ4rjzxzPMP4oxduvQsQtZzyknqvzYNrNu",
        "jupiter_limit_v1",
        Role.ORDERS,
        kind=Kind.ESCROW,
        name_fill=_limit_v1_fill,
    ),
    Program(
        "j1o2qRpjcyUwEvwtcfhEQefh773ZgjxcVRry7LDqg5X",
        "jupiter_limit_v2",
        Role.ORDERS,
        kind=Kind.ESCROW,
        name_fill=_limit_v2_fill,
    ),
    Program(
        "DCA265Vj8a9CEuX1eb1LWRnDT7uK6q1xMipnNyatn23M",
        "jupiter_dca",
        Role.ORDERS,
        kind=Kind.ESCROW,
        name_fill=_dca_fill,
    ),
    Program(
        "VALaaymxQh2mNy2trH9jUqHT1mTow76wpTcGmSWSwJe",
        "jupiter_va",
        Role.ORDERS,
        kind=Kind.ESCROW,
        name_fill=_va_fill,
    ),
)
