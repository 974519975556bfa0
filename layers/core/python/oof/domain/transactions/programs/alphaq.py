"""AlphaQ, a proprietary pool without a published interface: its balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/alphaq`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("ALPHAQmeA7bjrVuccPsYPiCvsi428SNwte66Srvs4pHA", "alphaq", Role.POOL),)
