"""Work a view out: fold what is stored of a group of wallets, and keep it for whoever asked.

All of it happens in one snapshot of the database, and is kept as a whole: whatever is stored
meanwhile, and however often a message is delivered, the view is that of one moment. Nothing is
asked of anybody upstream.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import batched
from typing import Final, NamedTuple

from oof.app.request_view import choice_of, view_id_of
from oof.domain.errors import OofError, TransientError
from oof.domain.jobs import Progress, Work, WorkStatus
from oof.domain.labels import EXCHANGES_VERSION
from oof.domain.positions.days import encode_usd
from oof.domain.positions.group import spans_of
from oof.domain.positions.valuation import Prices, exit_needs
from oof.domain.positions.view import ViewFold, ViewPosition, totals_of_view
from oof.domain.units import Mint, RawAmount, Slot
from oof.ports.jobs import WorkStore
from oof.ports.system import Clock, unix_now
from oof.ports.views import GroupSnapshot, ViewHead, ViewMember, ViewStore

GIVE_UP_RECEIVES: Final = 5
"""Failed deliveries after which the attempt has failed, unless only a store was absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewSizes:
    """How much is done at once, and at most."""

    page: int = 500
    """Transactions read at once."""
    mints: int = 200
    """Of which what is held is valued at once."""
    most: int = 500_000
    """Transactions of one view: they are folded in one go."""
    kept: timedelta = timedelta(days=7)


SIZES: Final = ViewSizes()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldViewDeps:
    """What working views out needs."""

    views: ViewStore
    works: WorkStore
    clock: Clock
    sizes: ViewSizes = SIZES


class FoldedView(NamedTuple):
    """How a delivery ended."""

    status: WorkStatus | None
    """None where the attempt was over before, or there is none."""
    transactions: int = 0
    is_changed: bool = False
    reason: str | None = None
    fault: Exception | None = None
    """What it was given up for, where that was no fault of the request."""


class _Stopped(Exception):
    """The attempt ends here, with nothing kept."""

    def __init__(self, status: WorkStatus, reason: str | None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def fold_view(
    work_id: str,
    attempt: int,
    *,
    receives: int,
    is_in_time: Callable[[], bool],
    deps: FoldViewDeps,
) -> FoldedView:
    """Work the view out and end the attempt; nothing where it is over, or superseded.

    A history that is too long, or a fold that is not done in time, ends it as failed: trying again
    cannot help. Any other fault but a store's absence does after `GIVE_UP_RECEIVES` deliveries;
    until then it is raised, to be delivered again. Raises `StoreUnavailable` and `Conflict`.
    """
    work = deps.works.get(work_id)
    if work is None or work.attempt != attempt or work.status.is_final:
        return FoldedView(None)
    try:
        folded = _Folding(work, deps, is_in_time).run()
    except _Stopped as stop:
        folded = FoldedView(stop.status, reason=stop.reason)
    except TransientError:
        raise
    except Exception as fault:
        if receives < GIVE_UP_RECEIVES:
            raise
        reason = fault.code if isinstance(fault, OofError) else "fold_failed"
        folded = FoldedView(WorkStatus.FAILED, reason=reason, fault=fault)
    status = folded.status or WorkStatus.FAILED
    at = unix_now(deps.clock)
    deps.works.finish(work_id, attempt, status, at=at, reason=folded.reason)
    return folded


class _Folding:
    """One attempt under way."""

    def __init__(self, work: Work, deps: FoldViewDeps, is_in_time: Callable[[], bool]) -> None:
        self._work = work
        self._deps = deps
        self._is_in_time = is_in_time
        self._choice = choice_of(work.params)
        self._fold = ViewFold(self._choice)

    def run(self) -> FoldedView:
        """Read, fold and keep, in one snapshot. Raises `_Stopped`."""
        wallets = self._choice.wallets
        with self._deps.views.snapshot() as snapshot:
            members = snapshot.members(wallets)
            self._read(snapshot)
            positions = self._positions(snapshot)
            held = snapshot.holdings(wallets)
            head, at = self._head(members, positions, held), self._deps.clock.now()
            expires_at = at + self._deps.sizes.kept
            is_changed = snapshot.keep(head, positions, held, at=at, expires_at=expires_at)
        done = self._fold.transactions
        self._log(Progress(done=done, total=done, unit=self._work.kind.unit), note="view_kept")
        return FoldedView(WorkStatus.SUCCEEDED, transactions=done, is_changed=is_changed)

    def _read(self, snapshot: GroupSnapshot) -> None:
        """Fold page after page, telling how far it is."""
        wallets, limit = self._choice.wallets, self._deps.sizes.page
        expected = snapshot.expected(wallets)
        slot: Slot | None = None
        is_more = True
        while is_more:
            self._tell(expected=expected, note="begun" if slot is None else "page_folded")
            page = snapshot.history(wallets, after=slot, limit=limit)
            exits = self._fold.add(page, snapshot.book(spans_of(page)))
            needs = (span for row in exits for span in exit_needs(row))
            self._fold.value(exits, Prices(book=snapshot.book(needs)))
            is_more = len(page) >= limit
            slot = page[-1].head.moment.slot if page else slot

    def _positions(self, snapshot: GroupSnapshot) -> list[ViewPosition]:
        """Value what is held, some mints at a time."""
        positions: list[ViewPosition] = []
        for mints in batched(self._fold.mints, self._deps.sizes.mints, strict=False):
            prices = Prices(book=snapshot.book(self._fold.needs(mints)))
            positions += self._fold.positions(mints, prices)
        return positions

    def _tell(self, *, expected: int, note: str) -> None:
        """Log how far it is. Raises `_Stopped` where it is to go no further."""
        done = self._fold.transactions
        if done > self._deps.sizes.most:
            raise _Stopped(WorkStatus.FAILED, "too_many_transactions")
        if not self._is_in_time():
            raise _Stopped(WorkStatus.FAILED, "timed_out")
        work = self._deps.works.get(self._work.work_id)
        if work is not None and work.is_cancel_requested and work.attempt == self._work.attempt:
            raise _Stopped(WorkStatus.CANCELLED, "cancelled")
        unit = self._work.kind.unit
        progress = Progress(done=done, total=None, unit=unit, expected=max(expected, done))
        if not self._log(progress, note=note):
            raise _Stopped(WorkStatus.CANCELLED, "superseded")

    def _log(self, progress: Progress, *, note: str) -> bool:
        """Log progress; whether the attempt is live."""
        work, at = self._work, unix_now(self._deps.clock)
        return self._deps.works.report(work.work_id, work.attempt, progress, at=at, note=note)

    def _head(
        self,
        members: tuple[ViewMember, ...],
        positions: Sequence[ViewPosition],
        held: Mapping[Mint, RawAmount],
    ) -> ViewHead:
        choice = self._choice
        head = ViewHead(
            view_id=view_id_of(self._work.work_id),
            owner=self._work.params["owner"],
            choice=choice,
            members=members,
            totals=totals_of_view(positions),
            other_fees_lamports=self._fold.other_fees_lamports,
            transactions=self._fold.transactions,
            exchanges_version=EXCHANGES_VERSION if choice.realize_exchange_transfers else None,
            digest="",
        )
        return replace(head, digest=_digest(head, positions, held))


def _digest(
    head: ViewHead, positions: Sequence[ViewPosition], held: Mapping[Mint, RawAmount]
) -> str:
    """Tell results apart: the same one is not written again."""
    parts = [
        [*head.members],
        [head.other_fees_lamports, head.transactions, head.exchanges_version],
        [
            [*each[:5], encode_usd(each.usd), each.fallbacks, held.get(each.mint, 0)]
            for each in positions
        ],
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
