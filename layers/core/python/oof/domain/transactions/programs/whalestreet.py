"""Whalestreet, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/whalestreet`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("FW6zUqn4iKRaeopwwhwsquTY6ABWLLgjxtrC3VPnaWBf", "whalestreet", Role.POOL),
)
