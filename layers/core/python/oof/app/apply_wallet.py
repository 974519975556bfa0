"""The one writer of a wallet: pending rows become ledger rows and fold state, exactly once.

Taking pending rows, appending to the ledger, folding and raising `applied_seq` are one database
transaction under the wallet's row lock: either all of it happened, or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from oof.domain.snapshot.fold import FoldPlan, Span, add_entry, as_seen, plan_fold
from oof.domain.snapshot.newest import Newest, settle
from oof.domain.units import Address, Slot, UnixSeconds
from oof.ports.facts import FactStore, FactTransaction, FoldPosition, FoldSave
from oof.ports.system import Clock

BATCH = 500
"""Pending rows of one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDeps:
    """What applying needs."""

    facts: FactStore
    clock: Clock


REBUILD_BATCH = 20_000
"""Pending rows of one transaction that folds a wallet anew."""


class ApplyReport(NamedTuple):
    """What one batch did."""

    taken: int
    appended: int
    has_more: bool
    """The batch was full: there may be more pending."""
    lag_s: int | None
    """How long after its block the newest transaction of a wallet known before was applied; None
    where none was newer."""


_NOTHING = ApplyReport(0, 0, has_more=False, lag_s=None)
_INT4 = 2**31


def apply_wallet(wallet: Address, *, deps: ApplyDeps, limit: int = BATCH) -> ApplyReport:
    """Apply up to `limit` pending rows; a blocked or unknown wallet is left alone.

    Raises `StoreUnavailable` or `Conflict`: nothing happened, or all of it did; try again.
    """
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        position = transaction.lock(wallet)
        if position is None or position.blocked_code is not None:
            return _NOTHING
        entries = transaction.take_pending(position.wallet_id, limit=limit)
        plan = plan_fold(entries)
        taken = len(entries)
        while plan.needs_rebuild and entries and taken < REBUILD_BATCH:
            # Built anew, the state is built once for as much as is pending, not once a batch.
            entries = transaction.take_pending(position.wallet_id, limit=limit)
            plan.rows.extend(plan_fold(entries).rows)
            taken += len(entries)
        must_fold = plan.rows or position.is_fold_due
        lag_s = _advance(transaction, position, plan, at) if must_fold else None
    return ApplyReport(
        taken,
        len(plan.rows),
        has_more=len(entries) == limit,
        lag_s=lag_s if position.is_settled else None,
    )


def rebuild_wallet(wallet: Address, *, deps: ApplyDeps) -> int:
    """Fold a wallet's whole live set anew; return how many transactions that were.

    Raises `StoreUnavailable` or `Conflict`: nothing happened, or all of it did; try again.
    """
    with deps.facts.transaction() as transaction:
        position = transaction.lock(wallet)
        if position is None:
            return 0
        return _rebuild(transaction, position.wallet_id, position.applied_seq, deps.clock.now())


def block_wallet(wallet: Address, code: str, *, deps: ApplyDeps) -> None:
    """Stop applying a wallet whose fold keeps failing; its summary says so, its pending stays."""
    with deps.facts.transaction() as transaction:
        transaction.block(wallet, code, at=deps.clock.now())


def unblock_wallet(wallet: Address, *, deps: ApplyDeps) -> None:
    """Let a blocked wallet be applied again, after what failed was mended."""
    with deps.facts.transaction() as transaction:
        transaction.block(wallet, None, at=deps.clock.now())


def _advance(
    transaction: FactTransaction, position: FoldPosition, plan: FoldPlan, at: datetime
) -> int | None:
    """Bring the wallet's state up to the plan; return how late what is newest is, if it is new."""
    wallet_id = position.wallet_id
    seq = transaction.append(wallet_id, plan, after_seq=position.applied_seq)
    if plan.needs_rebuild or position.is_fold_due:
        _rebuild(transaction, wallet_id, seq, at)
        return None
    newest = _newest(transaction, wallet_id, plan)
    span = plan.span(position.span)
    if plan.is_shrinking:
        span = transaction.span_from_facts(wallet_id)
    lag_s = _lag(position.span.newest_time, span.newest_time, at)
    stale_from = min(plan.slots, default=None)
    transaction.save(wallet_id, FoldSave(plan, newest, span, seq, lag_s, stale_from), at=at)
    _note_order(transaction, wallet_id, plan, newest, at)
    return lag_s


def _lag(before: UnixSeconds | None, newest: UnixSeconds | None, at: datetime) -> int | None:
    if newest is None or (before is not None and newest <= before):
        return None
    return min(max(int(at.timestamp()) - newest, 0), _INT4 - 1)


def _note_order(
    transaction: FactTransaction,
    wallet_id: int,
    plan: FoldPlan,
    newest: Mapping[int, Newest],
    at: datetime,
) -> None:
    """Have the order asked for of slots in which the wallet has several transactions."""
    slots = sorted({entry.slot for entry in plan.added})
    rivals = {
        (each.slot, rival.tx_id)
        for each in newest.values()
        if settle(each).order_unresolved
        for rival in each.rivals
        if rival.tx_index is None
    }
    if slots or rivals:
        transaction.note_shared_slots(wallet_id, slots, sorted(rivals), at=at)


def _newest(transaction: FactTransaction, wallet_id: int, plan: FoldPlan) -> dict[int, Newest]:
    planned = plan.newest(transaction.newest_held(wallet_id, plan.accounts))
    known = {account: newest for account, newest in planned.items() if newest is not None}
    lost = [account for account in planned if account not in known]
    return known | (transaction.newest_from_facts(wallet_id, lost) if lost else {})


def _rebuild(transaction: FactTransaction, wallet_id: int, seq: int, at: datetime) -> int:
    """Fold the whole live set anew: what replaced facts had added is not known any more."""
    transaction.clear_fold(wallet_id)
    whole = FoldPlan()
    after = 0
    while entries := transaction.live_entries(wallet_id, after_tx=after, limit=BATCH):
        for entry in entries:
            add_entry(whole, as_seen(entry))
        after = entries[-1].tx_id
    newest = {a: n for a, n in whole.newest({}).items() if n is not None}
    save = FoldSave(whole, newest, whole.span(Span()), seq, stale_from=Slot(0), is_whole=True)
    transaction.save(wallet_id, save, at=at)
    _note_order(transaction, wallet_id, whole, newest, at)
    return len(whole.added)
