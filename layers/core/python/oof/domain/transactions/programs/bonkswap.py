"""BonkSwap.

https://github.com/pinax-network/substreams-solana-idls (`src/bonkswap`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("BSwp6bEBihVLdqJRKGgzjcGLHkcTuzmSo1TQkHepzH8p", "bonkswap", Role.POOL),)
