"""Aquifer, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/aquifer`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("AQU1FRd7papthgdrwPTTq5JacJh8YtwEXaBfKU3bTz45", "aquifer", Role.POOL),)
