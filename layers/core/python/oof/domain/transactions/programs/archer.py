"""Archer, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("Archer8kgiavM61GyusMzaaS2ft5sALtNsD1HxkUPMhy", "archer", Role.POOL),)
