"""Raydium's LaunchLab, bonding curves that migrate to its pools. The user stands first.

https://github.com/pinax-network/substreams-solana-idls (`src/raydium/launchpad`) and
https://github.com/raydium-io/raydium-sdk-V2.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at, anchor

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
    ),
)
