"""The order-free fold of a wallet's ledger: what a batch of entries changes.

Counts, fees, venues, hours, days and flows are sums over the live set, so an entry adds its part
and a revoke takes the very same part away. Balances are no sums: per account the newest
post-balance stands (`newest`). Nothing here depends on the order in which entries arrive, so any
partition of a history into batches, in any order, folds to the same state.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from oof.domain.snapshot.activity import activity_of, day_of_entry, is_of_days
from oof.domain.snapshot.ledger import Known, LedgerOp, LedgerRow, WalletEntry, next_row
from oof.domain.snapshot.newest import Newest, Rival, place, withdraw
from oof.domain.snapshot.transfers import Flows
from oof.domain.units import Mint, Slot, UnixSeconds

HOUR_S: Final = 3_600
DAY_S: Final = 86_400

MENTIONS: Final = "mentions"


class Span(NamedTuple):
    """How far a live set reaches: newest slot of all, times of the wallet's own transactions."""

    newest_slot: Slot | None = None
    oldest_time: UnixSeconds | None = None
    newest_time: UnixSeconds | None = None

    def reaching(self, entry: WalletEntry) -> "Span":
        """Return the span widened by `entry`."""
        slot = max(entry.slot, self.newest_slot or entry.slot)
        time = entry.block_time if entry.is_participant else None
        if time is None:
            return self._replace(newest_slot=slot)
        oldest = time if self.oldest_time is None else min(time, self.oldest_time)
        newest = time if self.newest_time is None else max(time, self.newest_time)
        return Span(slot, oldest, newest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldPlan:
    """What to append to a ledger, and what that changes of the wallet's state.

    Built up by `plan_fold` and `rebuild_plan`; only read after.
    """

    rows: list[LedgerRow] = field(default_factory=list)
    counters: Counter[str] = field(default_factory=Counter)
    """Signed changes by counter name."""
    hours: Counter[UnixSeconds] = field(default_factory=Counter)
    """Signed changes of transaction counts by start of UTC hour."""
    activity: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Signed changes of a day's counters, by UTC day and name."""
    flows: Flows = field(default_factory=Flows)
    """Signed changes of transfers, by UTC day, counterparty, mint and direction."""
    placed: dict[int, dict[Slot, list[Rival]]] = field(default_factory=lambda: defaultdict(dict))
    """By account and slot: what transactions now say of its balance."""
    withdrawn: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """By account: transactions that no longer count."""
    mints: dict[int, Mint] = field(default_factory=dict)
    """The mint of every account in `placed`."""
    added: list[WalletEntry] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    """Transactions normalized anew: what their old facts added is no longer known."""
    slots: list[Slot] = field(default_factory=list)
    """Where something changed that the wallet took part in."""

    @property
    def is_shrinking(self) -> bool:
        """Whether something was revoked, so that a maximum or minimum may have lost its ground."""
        return any(row.op is LedgerOp.REVOKE for row in self.rows)

    @property
    def needs_rebuild(self) -> bool:
        """Whether the state must be folded anew from the whole live set."""
        return bool(self.replaced)

    @property
    def accounts(self) -> list[int]:
        """Every account whose newest balance may change, ascending."""
        return sorted({*self.placed, *self.withdrawn})

    def span(self, current: Span) -> Span:
        """Return `current` widened by what was added."""
        for entry in self.added:
            current = current.reaching(entry)
        return current

    def newest(self, current: Mapping[int, Newest]) -> dict[int, Newest | None]:
        """Return the newest balances of all `accounts`; None where only the facts can tell."""
        result: dict[int, Newest | None] = {}
        for account in self.accounts:
            before = current.get(account)
            after = withdraw(before, self.withdrawn.get(account, ()))
            lost = before is not None and after is None
            for slot, rivals in self.placed.get(account, {}).items():
                after = place(after, slot, rivals)
            # What was lost may have hidden something newer than what this batch brings.
            result[account] = None if lost else after
        return result


def plan_fold(entries: Iterable[WalletEntry]) -> FoldPlan:
    """Return the plan that brings a ledger in line with the facts of `entries`."""
    plan = FoldPlan()
    for entry in entries:
        row = next_row(entry)
        if row is None:
            continue
        plan.rows.append(row)
        if entry.is_participant:
            plan.slots.append(entry.slot)
        if row.op is LedgerOp.REVOKE:
            _count(plan, as_seen(entry), -1)
            _withdraw_balances(plan, entry)
        elif entry.is_live and entry.last and entry.last.version != entry.version:
            plan.replaced.append(entry.tx_id)
        else:
            if entry.is_live:
                _count(plan, as_seen(entry), -1)
            add_entry(plan, entry)
    return plan


def add_entry(plan: FoldPlan, entry: WalletEntry) -> None:
    """Add one live entry's part to `plan`, leaving the ledger alone."""
    _count(plan, entry, +1)
    plan.added.append(entry)
    for mark in entry.balances:
        rival = Rival(entry.tx_id, entry.signature, entry.tx_index, mark.pre_raw, mark.post_raw)
        plan.placed[mark.account_id].setdefault(entry.slot, []).append(rival)
        plan.mints[mark.account_id] = mark.mint


def rebuild_plan(entries: Iterable[WalletEntry]) -> FoldPlan:
    """Return the plan that builds a wallet's whole state from nothing but its live entries."""
    plan = FoldPlan()
    for entry in entries:
        if entry.is_live:
            add_entry(plan, as_seen(entry))
    return plan


def as_seen(entry: WalletEntry) -> WalletEntry:
    """Return a live entry as its ledger's last row saw it: without what was learnt since.

    That is what its sums hold until a revise replaces them, however they were built.
    """
    known = entry.last.known if entry.last else Known.NOTHING
    return entry._replace(block_time=entry.block_time if Known.TIME in known else None)


def _count(plan: FoldPlan, entry: WalletEntry, sign: int) -> None:
    if not entry.is_participant:
        plan.counters[MENTIONS] += sign
        return
    if entry.block_time is not None:
        hour = UnixSeconds(entry.block_time - entry.block_time % HOUR_S)
        plan.hours[hour] += sign
    day = day_of_entry(entry)
    for name, change in activity_of(entry).items():
        plan.activity[day, name] += sign * change
        if not is_of_days(name):
            plan.counters[name] += sign * change
    plan.flows.add(day, entry.transfers, sign)


def _withdraw_balances(plan: FoldPlan, entry: WalletEntry) -> None:
    for mark in entry.balances:
        plan.withdrawn[mark.account_id].add(entry.tx_id)
