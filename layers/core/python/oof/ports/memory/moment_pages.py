"""Stored moments read from the facts in memory."""

from dataclasses import replace

from oof.domain.moments.model import MomentId, Provisional
from oof.domain.moments.stored import StoredMoment
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.ports.history import WalletHead
from oof.ports.memory.fact_tables import Tables
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.moment_pages import (
    SCAN_LIMIT,
    ExtremesDetail,
    MomentDetail,
    MomentFilter,
    MomentKey,
    MomentPage,
    MomentRecord,
    MomentsHead,
)
from oof.ports.system import Clock


class MemoryMomentReader:
    """A `MomentReader` over a `MemoryFactStore`; at most `scan` moments are looked at."""

    def __init__(self, facts: MemoryFactStore, clock: Clock, scan: int = SCAN_LIMIT) -> None:
        self._facts = facts
        self._clock = clock
        self._scan = scan

    def page(
        self, wallet: Address, wanted: MomentFilter, *, after: MomentKey | None, limit: int
    ) -> MomentPage | None:
        """See `MomentReader.page`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        keyed = sorted(
            (MomentKey(each.moment.at, each.id), each)
            for (owner, _), each in tables.moments.items()
            if owner == row.wallet_id and each.moment.at >= (wanted.since or 0)
        )
        left = [(key, each) for key, each in reversed(keyed) if after is None or key < after]
        is_filtered = wanted.kinds is not None or wanted.min_usd is not None
        walked = left[: max(self._scan, limit + 1)] if is_filtered else left
        matched = [(key, each) for key, each in walked if _is_wanted(each, wanted)]
        records = tuple(_record(tables, wallet, each) for _, each in matched[:limit])
        next_key = None
        if len(matched) > limit:
            next_key = matched[limit - 1][0]
        elif len(left) > len(walked):
            next_key = walked[-1][0]
        return MomentPage(self._head(wallet), records, next_key)

    def one(self, id_: MomentId) -> MomentDetail | None:
        """See `MomentReader.one`."""
        tables = self._facts.tables
        for (wallet_id, found), each in tables.moments.items():
            if found == id_:
                wallet = tables.addresses[wallet_id]
                return MomentDetail(self._head(wallet), _record(tables, wallet, each))
        return None

    def extremes(self, wallet: Address) -> ExtremesDetail | None:
        """See `MomentReader.extremes`."""
        tables = self._facts.tables
        row = tables.tracked.get(wallet)
        if row is None:
            return None
        extremes = self._facts.extremes(wallet)
        records = tuple(
            _record(tables, wallet, tables.moments[row.wallet_id, each.id])
            for each in extremes.dearest
        )
        return ExtremesDetail(self._head(wallet), extremes, records)

    def _head(self, wallet: Address) -> MomentsHead:
        tables = self._facts.tables
        row = tables.tracked[wallet]
        now = self._clock.now()
        return MomentsHead(
            wallet=WalletHead(
                state=row.state if row.blocked_code is None else WalletState.BLOCKED,
                epoch=tables.epoch["epoch"],
                revision=row.revision,
                as_of_slot=row.span.newest_slot,
            ),
            is_looking=any(
                owner == row.wallet_id and mark.at <= now
                for (owner, _), mark in tables.moments_due.items()
            ),
        )


def _is_wanted(stored: StoredMoment, wanted: MomentFilter) -> bool:
    moment = stored.moment
    if wanted.kinds is not None and moment.kind not in wanted.kinds:
        return False
    return wanted.min_usd is None or (moment.usd is not None and moment.usd >= wanted.min_usd)


def _record(tables: Tables, wallet: Address, stored: StoredMoment) -> MomentRecord:
    moment, cleared = stored.moment, set()
    if stored.tx_id not in tables.soft:
        cleared.add(Provisional.SOFT)
    if tables.tracked[wallet].coverage.complete:
        cleared.add(Provisional.HISTORY_PARTIAL)
    told = replace(moment, provisional=moment.provisional - cleared)
    decimals, symbol = tables.decimals.get(moment.mint), tables.symbol(moment.mint)
    return MomentRecord(stored.id, wallet, decimals, told, symbol)
