"""ZeroFi, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/zerofi`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("ZERor4xhbUycZ6gb9ntrhqscUcZmAbQDjEAtCf4hbZY", "zerofi", Role.POOL),)
