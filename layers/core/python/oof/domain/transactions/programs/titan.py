"""Titan.

https://docs.titan.exchange and https://github.com/sonarwatch/portfolio
(`packages/tx-parser/src/services/titan`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "T1TANpTeScyeqVzzgNViGDNrkQ6qHz9KrSBS4aNXvGT",
        "titan",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
