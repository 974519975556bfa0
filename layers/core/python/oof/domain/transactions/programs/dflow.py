"""DFlow.

https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/dflow`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "DF1ow4tspfHX9JwWJsAb9epbkA8hmpSEAtxXy1V27QBH",
        "dflow",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
