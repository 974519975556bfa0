"""1Sol.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program(
        "1MooN32fuBBgApc8ujknKJw5sef3BVwPGgz3pto1BAh",
        "one_sol",
        Role.ROUTER,
        kind=Kind.TRANSFER,
    ),
)
