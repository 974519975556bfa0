"""Sugar, bonding curves.

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "deus4Bvftd5QKcEkE5muQaWGWDoma8GrySvPFrBPjhS",
        "sugar",
        Role.POOL,
        kind=Kind.TRANSFER,
    ),
)
