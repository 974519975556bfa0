"""OKX: its aggregator, the one that took over from it, and the smart wallets that act for users.

https://github.com/cxcx-ai/solana-dex-parser (`src/constants/programId.ts`),
https://github.com/DefaultPerson/solana-dex-parser-go (`tests/constants_test.go`),
https://github.com/CKS-Systems/manifest (`client/ts/src/fillFeed.ts`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "proVF4pMXVaYqmy4NjniPh4pqKNfMmsihgd4wdkCX3u",
        "okx",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "6m2CDdhRgxpH4WjvdzxAYbGxwdGUz5MziiL5jek2kBma",
        "okx",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
    Program(
        "va1t8sdGkReA6XFgAeZGXmdQoiEtMirwy4ifLv7yGdH",
        "okx_wallet",
        Role.TERMINAL,
        kind=Kind.TRANSFER,
    ),
)
