"""Locks, vesting and orders of others: what waits there still belongs to somebody.

As named in https://github.com/sonarwatch/portfolio (`packages/tx-parser/src/services`); Meteora's:
https://docs.meteora.ag/get-started/pushing-the-boundaries-of-defi.
"""

from typing import Final

from oof.domain.transactions.model import Kind
from oof.domain.transactions.programs.program import Program, Role


def _escrow(program_id: str, slug: str) -> Program:
    return Program(program_id, slug, Role.OTHER, kind=Kind.ESCROW)


PROGRAMS: Final = (
    _escrow("LocpQgucEQHbqNABEYvBvwoxCPsSbG91A1QaQhQQqjn", "jupiter_lock"),
    _escrow("voTpe3tHQ7AjQHMapgSue2HJFAh2cGsdokqN3XqmVSj", "jupiter_vote"),
    _escrow("strmRqUCoQUgGUan5YhzUZa6KqdzwX5L6FpUxfmKg5m", "streamflow"),
    _escrow("magnaSHyv8zzKJJmr8NSz5JXmtdGDTTFPEADmvNAwbj", "magna"),
    _escrow("presSVxnf9UU8jMxhgSMqaRwNiT36qeBdNeTRKjTdbj", "meteora_presale"),
    _escrow("LLoc8JX5dLAMVzbzTNKG6EFpkyJ9XCsVAGkqwQKUJoa", "lifinity_locker"),
    _escrow("GovaE4iu227srtG2s3tZzB4RmWBzw8sTwrCLZz7kN7rY", "jupiter_governance"),
    _escrow("vsr2nfGVNHmSY8uxoBGqq8AQbwz3JwaEaHqGbsTPXqQ", "realms_vsr"),
)
