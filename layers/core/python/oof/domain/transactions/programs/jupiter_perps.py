"""Jupiter's perpetuals: collateral waits in escrow; its pool's mint, JLP, is minted and burned.

Below a router a deposit or withdrawal of liquidity is a hop, as at any program that is no pool:
https://github.com/julianfssen/jupiter-perps-anchor-idl-parsing (`src/idl`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, anchor

_LIQUIDITY: Final = tuple(
    (discriminator, Kind.LIQUIDITY)
    for discriminator in anchor("e4a24e1c46db7473", "e6d7527ff165e392")
)
"""`add_liquidity2` and `remove_liquidity2`."""

PROGRAMS: Final = (
    Program(
        "PERPHjGBqRHArX4DySjwM6UJHiR3sWAatqfdBS2qQJu",
        "jupiter_perps",
        Role.OTHER,
        kind=Kind.ESCROW,
        kinds=_LIQUIDITY,
    ),
)
