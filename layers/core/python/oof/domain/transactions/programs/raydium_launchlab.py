"""Raydium's LaunchLab, bonding curves that migrate to its pools. The user stands first.

Two accounts after the system program collect what platform and creator claim later, 16 and 17:
https://github.com/raydium-io/raydium-sdk-V2 (`src/raydium/launchpad`), whose owners for one
platform https://github.com/DefiLlama/dimension-adapters (`fees/letsbonk`) names. Discriminators:
https://github.com/pinax-network/substreams-solana-idls (`src/raydium/launchpad`).
"""

from typing import Final

from oof.domain.transactions.body import Instruction
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role, account_at, anchor


def _name_fee(instruction: Instruction, account: str) -> Kind | None:
    if account in instruction.accounts[16:17]:
        return Kind.PLATFORM_FEE
    return Kind.CREATOR_FEE if account in instruction.accounts[17:18] else None


PROGRAMS: Final = (
    Program(
        "LanMV9sAd7wArD4vJFi2qDdfnVhFxYSUg6eADduJ3uj",
        "raydium_launchlab",
        Role.POOL,
        swaps=anchor(
            "faea0d7bd59c13ec", "18d3742869039938", "9527de9bd37c981a", "5fc8472208090ba6"
        ),
        incomes=anchor(
            "1a618acb84ab8dfc",
            "9c27d0874ced3d48",
            "75f1c6a8f8da501d",
            "3121681ebd9d4f23",
            "3cadf767045d8230",
        ),
        name_trader=account_at(0),
        name_fee=_name_fee,
    ),
)
