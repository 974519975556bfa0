"""How wallets are watched, over the rows that runs keep in memory."""

from collections.abc import Iterator, Mapping, Sequence

from oof.domain.governor import Activity, Watch
from oof.domain.snapshot.fold import HOUR_S
from oof.domain.snapshot.newest import Newest, settle
from oof.domain.units import Address, Mint, UnixSeconds
from oof.domain.wallets import SETTLED
from oof.domain.webhooks import Put
from oof.ports.memory.backfill import MemoryBackfillStore, TrackedRow
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.watching import (
    EMPTIED_SLOTS,
    MOST_ACCOUNTS,
    Confirmed,
    RegistryState,
    WatchCounts,
    Watched,
)


class MemoryWatchStore:
    """A `WatchStore` over a `MemoryBackfillStore` and the facts it speaks of."""

    def __init__(self, backfill: MemoryBackfillStore, facts: MemoryFactStore) -> None:
        self._rows = backfill.rows
        self._facts = facts
        self._puts: dict[int, Put] = {}
        self._state = RegistryState((), None, None, is_rotating=False)

    def registry(self) -> RegistryState:
        """See `WatchStore`."""
        puts = tuple(self._puts[shard] for shard in sorted(self._puts))
        return self._state._replace(puts=puts)

    def watched(
        self, *, now: UnixSeconds, after: Address | None, limit: int
    ) -> tuple[Watched, ...]:
        """See `WatchStore`."""
        found = [
            wallet
            for wallet, row in self._rows.items()
            if (row.state in SETTLED or row.shard is not None) and (after is None or wallet > after)
        ]
        return tuple(self._watched(wallet, now) for wallet in sorted(found)[:limit])

    def govern(self, watches: Mapping[Address, Watch], *, at: UnixSeconds) -> None:
        """See `WatchStore`."""
        for wallet, watch in watches.items():
            row = self._rows[wallet]
            has_turned = watch.is_polled is not (row.poll_every_s is not None)
            row.poll_every_s, row.governed_at = watch.poll_every_s, watch.since
            row.revision += has_turned
            if has_turned:
                row.poll_due_at = at if watch.is_polled else None
            if watch.is_polled:
                row.shard = row.hooked_at = row.live_since = None

    def assign(self, shards: Mapping[Address, int | None], *, at: UnixSeconds) -> None:
        """See `WatchStore`."""
        for wallet, shard in shards.items():
            row = self._rows[wallet]
            row.revision += row.hooked_at is not None
            row.shard, row.shard_since = shard, at
            row.hooked_at = row.live_since = None

    def addresses(self, wallets: Sequence[Address]) -> dict[Address, tuple[Address, ...]]:
        """See `WatchStore`."""
        return {wallet: self._addresses(wallet) for wallet in sorted(wallets)}

    def members(self, shard: int) -> dict[Address, tuple[Address, ...]]:
        """See `WatchStore`."""
        on = sorted(self._on([shard]), key=lambda pair: (pair[1].shard_since, pair[0]))
        return {wallet: self._addresses(wallet) for wallet, _ in on}

    def confirm(self, confirmed: Confirmed, *, at: UnixSeconds) -> tuple[Address, ...]:
        """See `WatchStore`."""
        for _, row in self._on([*confirmed.removed, *confirmed.broken]):
            row.revision += row.hooked_at is not None
            row.hooked_at = row.live_since = None
        for shard in confirmed.removed:
            self._puts.pop(shard, None)
        self._puts |= {put.shard: put for put in confirmed.puts}
        self._state = RegistryState(
            puts=(),
            looked_at=confirmed.looked_at or self._state.looked_at,
            auth_digest=confirmed.auth_digest,
            is_rotating=confirmed.is_rotating,
        )
        return self.name([put.shard for put in confirmed.puts], at=at)

    def name(self, shards: Sequence[int], *, at: UnixSeconds) -> tuple[Address, ...]:
        """See `WatchStore`."""
        named = []
        for wallet, row in self._on(shards):
            if row.hooked_at is None:
                row.hooked_at, row.live_since = at, None
                row.revision += 1
                named.append(wallet)
        return tuple(sorted(named))

    def unlisted(self, *, limit: int) -> tuple[Address, ...]:
        """See `WatchStore`."""
        found = [
            (row.hooked_at, wallet)
            for wallet, row in self._followed()
            if row.hooked_at is not None and row.live_since is None
        ]
        return tuple(wallet for _, wallet in sorted(found)[:limit])

    def due_polls(self, *, at: UnixSeconds, limit: int) -> tuple[Address, ...]:
        """See `WatchStore`."""
        found = [
            (row.poll_due_at, wallet)
            for wallet, row in self._followed()
            if row.poll_every_s is not None
            and row.poll_due_at is not None
            and row.poll_due_at <= at
        ]
        return tuple(wallet for _, wallet in sorted(found)[:limit])

    def counts(self) -> WatchCounts:
        """See `WatchStore`."""
        rows = [row for _, row in self._followed()]
        return WatchCounts(
            named=sum(row.hooked_at is not None for row in rows),
            live=sum(row.live_since is not None for row in rows),
            polled=sum(row.poll_every_s is not None for row in rows),
            followed=len(rows),
        )

    def _followed(self) -> Iterator[tuple[Address, TrackedRow]]:
        return ((wallet, row) for wallet, row in self._rows.items() if row.state in SETTLED)

    def _on(self, shards: Sequence[int]) -> list[tuple[Address, TrackedRow]]:
        return [(wallet, row) for wallet, row in self._rows.items() if row.shard in set(shards)]

    def _watched(self, wallet: Address, now: UnixSeconds) -> Watched:
        row = self._rows[wallet]
        return Watched(
            wallet=wallet,
            is_followed=row.state in SETTLED,
            watch=Watch(row.poll_every_s, row.governed_at),
            shard=row.shard,
            is_named=row.hooked_at is not None,
            activity=self._activity(wallet, now),
        )

    def _activity(self, wallet: Address, now: UnixSeconds) -> Activity:
        tracked = self._facts.tables.tracked.get(wallet)
        hour = now - now % HOUR_S
        hours = {
            at: count
            for (owner, at), count in self._facts.tables.hours.items()
            if tracked is not None and owner == tracked.wallet_id and at >= hour - 24 * HOUR_S
        }
        lately = [count for at, count in hours.items() if at >= hour - HOUR_S]
        return Activity(max(lately, default=0), sum(hours.values()))

    def _is_spam(self, wallet: Address, mint: Mint, last: Newest) -> bool:
        """Whether the last movement is marked, and no other is not."""
        rows = self._facts.tables.transactions
        marks = {
            tx_id: {
                m.mark for m in row.transaction.movements if (m.owner, m.mint) == (wallet, mint)
            }
            for tx_id, row in rows.items()
        }
        newest = marks.get(settle(last).rival.tx_id, set())
        return bool(newest - {None}) and not any(None in found for found in marks.values())

    def _addresses(self, wallet: Address) -> tuple[Address, ...]:
        tables = self._facts.tables
        tracked = tables.tracked.get(wallet)
        newest: dict[Address, int] = {}
        for (owner, account_id), last in tables.holdings.items():
            if tracked is None or owner != tracked.wallet_id:
                continue
            account = tables.account_keys[account_id].account
            is_recent = last.slot >= (tracked.span.newest_slot or 0) - EMPTIED_SLOTS
            is_spam = self._is_spam(wallet, tables.account_keys[account_id].mint, last)
            if account == wallet or is_spam:
                continue
            if settle(last).rival.post_raw > 0 or is_recent:
                newest[account] = max(last.slot, newest.get(account, 0))
        ranked = sorted(newest, key=lambda account: (-newest[account], account))
        return (wallet, *sorted(ranked[:MOST_ACCOUNTS]))
