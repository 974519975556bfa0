"""Native staking and stake pools: a change of form, not a trade.

https://github.com/solana-program/stake-pool, https://github.com/marinade-finance/
liquid-staking-program.
"""

from typing import Final

from oof.domain.transactions.addresses import STAKE
from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _stake(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.STAKE)


PROGRAMS: Final = (
    _stake(STAKE, "stake"),
    _stake("SPoo1Ku8WFXoNDMHPsrGSTSG1Y47rzgn41SLUNakuHy", "stake_pool"),
    _stake("MarBmsSgKXdrN1egZf5sqe1TMai9K1rChYNDJgjq7aD", "marinade"),
)
