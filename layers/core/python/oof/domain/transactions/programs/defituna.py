"""DefiTuna's Fusion pools, concentrated liquidity with resting orders.

https://github.com/DefiTuna/fusionamm-sdk and
https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("fUSioN9YKKSa3CUC2YUc4tPkHJ5Y6XW1yz8y6F7qWz9", "defituna", Role.POOL),)
