"""Exchanges of perpetuals beside Jupiter's: collateral goes in and out, positions are no tokens.

As named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`); the order
book behind Zeta in https://github.com/zetamarkets/sdk.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _perps(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.ESCROW)


PROGRAMS: Final = (
    _perps("FLASH6Lo6h3iasJKWDs2F8TkW2UKf3s15C8PMGuVfgBn", "flash_trade"),
    _perps("13gDzEXCdocbj8iAiqrScGo47NiSuYENGsRqi3SEAwet", "adrena"),
    _perps("3parcLrT7WnXAcyPfkCz49oofuuf2guUKkjuFkAhZW8Y", "parcl"),
    _perps("zDEXqXEG7gAyxb1Kg9mK5fPnUdENCGKzWrM21RMdWRq", "zeta_dex"),
    _perps("ErBmAD61mGFKvrFNaTJuxoPwqrS8GgtwtqJTJVjFWx9Q", "orderly"),
)
