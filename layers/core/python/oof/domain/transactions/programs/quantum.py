"""Quantum, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("QuaNtZsgYRe5Z9Bk4LZ4cTD9tbkVoyCNf1R2BN9bBDv", "quantum", Role.POOL),)
