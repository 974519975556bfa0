"""Obric, two versions of its second pool and a third: balances tell the swap.

https://github.com/duneanalytics/spellbook (`_sector/dex/obric`) and
https://github.com/pinax-network/substreams-solana.
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("obriQD1zbpyLz95G5n7nJe6a4DPjpFwa5XYPoNm113y", "obric_v2", Role.POOL),
    Program("coUnmi3oBUtwtd9fU42p6jg75UmdnNMgBQMedGNYEAs", "obric_v2", Role.POOL),
    Program("ob2wXVFGiWXkPwYv8CSpPMm5m3NR7DjSrVJAHGSb9Gu", "obric_v3", Role.POOL),
)
