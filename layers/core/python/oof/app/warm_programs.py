"""By night, where a stage wants it: bring in what major programs did lately, before anybody asks.

A wallet opened later then finds part of its history stored. Signatures are listed newest first
and handed to the store path as mere notifications; it asks for what it lacks, once. What nobody
asked for is paid last: a night's listing is bounded, and the day's budget stops it first of all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final, NamedTuple

import orjson

from oof.domain.backfill import days_before
from oof.domain.errors import BudgetSpent
from oof.domain.listing import Listed
from oof.domain.units import Address, Signature, UnixSeconds
from oof.ports.queues import StoreHandover
from oof.ports.system import Clock, unix_now
from oof.ports.upstream import MAX_LISTED, ChainSource

SNAPSHOT: Final = "snapshot"
"""The source of such notifications, and the reason of the requests that follow from them."""
MAJOR_PROGRAMS: Final = tuple(
    Address(program)
    for program in (
        "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P",  # pump.fun
        "pAMMBay6oceH9fJKBRHGP5D4bD4sWpmSwMn52FMfXEA",  # PumpSwap
        "675kPX9MHTjS2zt1qfr1NYHuzeLXfQM9H24wFSUt1Mp8",  # Raydium AMM v4
        "CAMMCzo5YL8w4VFF8KVHrK22GGUsp5VTaW7grrKgrWqK",  # Raydium CLMM
        "CPMMoo8L3F4NbTegBCKVNunggL7H1ZpdTHKxQB5qKP1C",  # Raydium CPMM
        "whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc",  # Orca Whirlpools
        "LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo",  # Meteora DLMM
    )
)
DAYS: Final = 30
_PART: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WarmDeps:
    """What warming needs; no database."""

    chain: ChainSource
    handover: StoreHandover
    clock: Clock
    programs: Sequence[Address]
    """None where the stage does not want it."""
    signatures_each: int
    """Listed of each program in one night, at most."""


class Warmed(NamedTuple):
    """What a night listed."""

    programs: int
    listed: int
    is_out_of_budget: bool


def warm_programs(deps: WarmDeps) -> Warmed:
    """List each program's newest signatures, back thirty days at most, and hand them over."""
    oldest = days_before(unix_now(deps.clock), DAYS)
    listed = 0
    for number, program in enumerate(deps.programs):
        try:
            listed += _warm(deps, program, oldest)
        except BudgetSpent:
            return Warmed(number, listed, is_out_of_budget=True)
    return Warmed(len(deps.programs), listed, is_out_of_budget=False)


def _warm(deps: WarmDeps, program: Address, oldest: UnixSeconds) -> int:
    before: Signature | None = None
    listed = 0
    while listed < deps.signatures_each:
        limit = min(MAX_LISTED, deps.signatures_each - listed)
        rows = deps.chain.signatures_for_address(program, before=before, limit=limit)
        recent = [row for row in rows if row.block_time is None or row.block_time >= oldest]
        _hand_over(deps.handover, recent)
        listed += len(recent)
        if len(rows) < limit or len(recent) < len(rows):
            break
        before = rows[-1].signature
    return listed


def _hand_over(handover: StoreHandover, rows: Sequence[Listed]) -> None:
    for part in batched(rows, _PART, strict=False):
        # no balances and no events: by that the store path knows a mere notification
        told = [{"signature": row.signature, "slot": row.slot, "events": {}} for row in part]
        handover.hand_over(source=SNAPSHOT, body=orjson.dumps(told).decode(), s3_key=None)
