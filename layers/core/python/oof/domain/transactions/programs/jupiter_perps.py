"""Jupiter's perpetuals: collateral waits in escrow; its pool swaps, and mints and burns JLP.

Below a router a deposit or withdrawal of liquidity is a hop, as at any program that is no pool:
https://github.com/julianfssen/jupiter-perps-anchor-idl-parsing (`src/idl`).
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

_LIQUIDITY: Final = tuple(
    (discriminator, Kind.LIQUIDITY)
    for discriminator in anchor("e4a24e1c46db7473", "e6d7527ff165e392")
)
"""`add_liquidity2` and `remove_liquidity2`."""

_SWAP: Final = anchor("414b3f4ceb5b5b88")
"""`swap2`, between two custodies of the pool."""


def _name_trader(instruction: Instruction) -> str | None:
    try:
        is_swap = instruction.read_data().startswith(_SWAP)
    except ValueError:
        return None
    return account_at(0)(instruction) if is_swap else None


PROGRAMS: Final = (
    Program(
        "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu",
        "jupiter_perps",
        Role.OTHER,
        kind=Kind.ESCROW,
        swaps=_SWAP,
        kinds=_LIQUIDITY,
        name_trader=_name_trader,
    ),
)
