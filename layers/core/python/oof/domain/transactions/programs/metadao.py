"""MetaDAO's futarchy pools.

https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/futarchy`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("AMMyu265tkBpRW21iGQxKGLaves3gKm2JcMUqfXNSpqD", "metadao", Role.POOL),)
