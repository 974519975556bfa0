"""Hylo, which mints and redeems its stable and leveraged mints.

https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/hylo`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("HYEXCHtHkBagdStcJCp3xbbb9B7sdMdWXFNj6mdsG4hn", "hylo", Role.POOL),)
