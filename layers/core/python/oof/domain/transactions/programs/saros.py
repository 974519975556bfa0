"""Saros: a token-swap pool (tag 1 swaps) and bins of liquidity.

https://github.com/pinax-network/substreams-solana-idls (`src/saros`) and
https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, account_at

PROGRAMS: Final = (
    Program(
        "SSwapUtytfBdBn1b9NUGG6foMVPtcWgpRU32HToDUZr",
        "saros",
        Role.POOL,
        swaps=(b"\x01",),
        name_trader=account_at(2),
    ),
    Program("1qbkdrr3z4ryLA7pZykqxvxWPoeifcVKo6ZG9CfkvVE", "saros_dlmm", Role.POOL),
)
