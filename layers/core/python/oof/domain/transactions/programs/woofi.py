"""WOOFi.

https://github.com/pinax-network/substreams-solana
(`svm-dex/clickhouse/schema.0.functions.programs.sql`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (Program("WooFif76YGRNjk1pA8wCsN67aQsD9f9iLsz4NcJ1AVb", "woofi", Role.POOL),)
