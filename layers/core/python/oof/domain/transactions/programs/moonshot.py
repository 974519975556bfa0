"""Moonshot (Moonit): bonding curves. The user stands first in `buy` and `sell`.

https://github.com/pinax-network/substreams-solana-idls (`src/moonshot`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

PROGRAMS: Final = (
    Program(
        "MoonCVVNZFSYkqNXP6bxHLPL6QQJiMagDL3qcqUQTrG",
        "moonshot",
        Role.POOL,
        kind=Kind.TRANSFER,
        swaps=anchor("66063d1201daebea", "33e685a4017f83ad"),
        name_trader=account_at(0),
    ),
)
