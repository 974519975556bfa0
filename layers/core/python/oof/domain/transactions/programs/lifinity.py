"""Lifinity and its second version, pools priced by an oracle.

https://github.com/pinax-network/substreams-solana-idls (`src/lifinity`) and
https://github.com/duneanalytics/spellbook (`_sector/dex/lifinity`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role, anchor

PROGRAMS: Final = (
    Program("EewxydAPCCVuNEyrVN68PuSYdQ7wKn27V9Gjeoi8dy3S", "lifinity_v1", Role.POOL),
    Program(
        "2wT8Yq49kHgDzXuPxZSaeLaH1qbmGXtEyPy64bL7aD3c",
        "lifinity_v2",
        Role.POOL,
        swaps=anchor("f8c69e91e17587c8"),
    ),
)
