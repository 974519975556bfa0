"""GoonFi and its second version, proprietary pools: their balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/goonfi`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("goonERTdGsjnkZqWuVjs73BZ3Pb9qoCUdBUL17BnS5j", "goonfi", Role.POOL),
    Program("goonuddtQRrWqqn5nFyczVKaie28f3kDkHWkHtURSLE", "goonfi_v2", Role.POOL),
)
