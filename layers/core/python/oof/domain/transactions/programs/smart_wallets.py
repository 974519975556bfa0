"""Wallets that are programs: they invoke what their members or owners signed, and hold it all.

Like a terminal such a wallet is looked through; who trades is the account that it signs for.
Squads' programs: https://github.com/Squads-Protocol (v3, v4, smart accounts); Swig:
https://github.com/sevenlabs-hq/carbon (`decoders/swig-decoder`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _wallet(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.TERMINAL, kind=Kind.TRANSFER)


PROGRAMS: Final = (
    _wallet("SMPLecH534NA9acpos4G6x7uf3LWbCAwZQE9e8ZekMu", "squads"),
    _wallet("SQDS4ep65T869zMMBKyuUq6aD6EgTu8psMjkvj52pCf", "squads"),
    _wallet("SMRTzfY6DfH5ik3TKiyLFfXexV8uSG3d2UksSCYdunG", "squads"),
    _wallet("swigypWHEksbC64pWKwah1WTeh9JXwx8H1rJHLdbQMB", "swig"),
)
