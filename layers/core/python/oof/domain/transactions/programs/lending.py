"""Lending and margin programs: deposits and loans, not trades.

https://docs.save.finance, https://docs.marginfi.com, https://docs.kamino.finance,
https://docs.mango.markets, https://docs.zeta.markets, https://dev.jup.ag/docs/lend.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _lending(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.LENDING)


PROGRAMS: Final = (
    _lending("So1endDq2YkqhipRh3WViPa8hdiSpxWy6z3Z6tMCpAo", "solend"),
    _lending("MFv2hWf31Z9kbCa1snEPYctwafyhdvnV7FZnsebVacA", "marginfi"),
    _lending("KLend2g3cP87fffoy8q1mQqGKjrxjC8boSyAYavgmjD", "kamino_lend"),
    _lending("mv3ekLzLbnVPNxjSKvqBpU3ZeZXPQdEC3bp5MDEBG68", "mango_v3"),
    _lending("ZETAxsqBRek56DhiGXrn75yj2NHU3aYUnxvHXpkf3aD", "zeta"),
    _lending("jup3YeL8QhtSx1e253b2FDvsMNC87fDrgQZivbrndc9", "jupiter_lend_earn"),
    _lending("jupr81YtYssSyPt8jbnGuiWon5f6x9TcDEFxYe3Bdzi", "jupiter_lend_vaults"),
    _lending("jupeiUmn818Jg1ekPURTpr4mFo29p46vygyykFJ3wZC", "jupiter_lend_liquidity"),
)
