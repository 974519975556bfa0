"""Stop following wallets that nobody reads: their webhooks and tails cost, their facts stay."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from oof.domain.units import Address, UnixSeconds
from oof.domain.wallets import WalletEvent
from oof.ports.backfill import BackfillStore
from oof.ports.reads import ReadMarks
from oof.ports.system import Clock, unix_now

UNREAD_AFTER_S: Final = 7 * 86_400
PAGE: Final = 100
"""Wallets looked at in one go; what is beyond waits for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UntrackDeps:
    """What untracking needs."""

    store: BackfillStore
    marks: ReadMarks
    project: Callable[[Address], None]
    clock: Clock


def untrack_unread(*, deps: UntrackDeps) -> int:
    """Untrack wallets unread for a week, and return how many.

    Reads are marked beside the summaries, because reading asks no database; a wallet whose time
    seems to be over is looked up there first.
    """
    now = unix_now(deps.clock)
    before = UnixSeconds(now - UNREAD_AFTER_S)
    untracked = 0
    for wallet in deps.store.unread(before=before, limit=PAGE):
        read_at = deps.marks.last(wallet)
        if read_at is not None and read_at > before:
            deps.store.note_read(wallet, at=read_at)
            continue
        deps.store.move(wallet, WalletEvent.WENT_UNREAD, at=now)
        deps.project(wallet)
        untracked += 1
    return untracked
