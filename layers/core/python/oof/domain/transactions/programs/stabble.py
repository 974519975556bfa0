"""Stabble: stable, weighted and concentrated pools. A vault program keeps their tokens.

https://github.com/duneanalytics/spellbook (`jupiter_solana_amms.sql`) and
https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services/stabble`).
"""

from typing import Final

from oof.domain.transactions.programs.program import Program, Role

PROGRAMS: Final = (
    Program("swapNyd8XiQwJ6ianp9snpu4brUqFxadzvHebnAXjJZ", "stabble_stable", Role.POOL),
    Program("swapFpHZwjELNnjvThjajtiVmkz3yPQEHjLtka2fwHW", "stabble_weighted", Role.POOL),
    Program("6dMXqGZ3ga2dikrYS9ovDXgHGh5RUsb2RTUj6hrQXhk6", "stabble_clmm", Role.POOL),
)
