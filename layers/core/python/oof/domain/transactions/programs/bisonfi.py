"""BisonFi, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/bisonfi`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("BiSoNHVpsVZW2F7rx2eQ59yQwKxzU5NvBcmKshCSUypi", "bisonfi", Role.POOL),)
