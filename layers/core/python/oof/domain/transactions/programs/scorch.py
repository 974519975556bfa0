"""Scorch, a proprietary pool: one program holds its vaults, the other its prices.

https://github.com/duneanalytics/spellbook (`_sector/dex/scorch`) and
https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("SCoRcH8c2dpjvcJD6FiPbCSQyQgu3PcUAWj2Xxx3mqn", "scorch", Role.POOL),
    Program("ojh19ojaKduoJZuaJADhcVGp4xt1TcdAvZmpVsCorch", "scorch", Role.POOL),
)
