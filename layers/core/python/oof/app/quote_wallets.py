"""Show what is held at the newest prices to whoever reads: nothing else moves a quiet wallet.

A summary tells what held tokens are worth as of when it was projected. Wallets that somebody read
within a day are projected anew where that has changed; others are when they move.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

from oof.app.project_wallet import ProjectDeps, project_wallet
from oof.domain.positions.headline import headline
from oof.domain.units import Address, UnixSeconds
from oof.ports.reads import ReadMarks
from oof.ports.system import unix_now

READ_WITHIN_S: Final = 86_400
PAGE: Final = 500
"""Wallets whose marks are looked up in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteDeps:
    """What quoting needs."""

    projecting: ProjectDeps
    marks: ReadMarks


class QuoteReport(NamedTuple):
    """What a round did."""

    read: int
    """Wallets somebody read within a day."""
    projected: int
    """Of those, whose worth had changed."""


def quote_wallets(deps: QuoteDeps) -> QuoteReport:
    """Project wallets read within a day at the newest prices; the same again changes nothing.

    Raises `StoreUnavailable`: the next round does what is left.
    """
    read = projected = 0
    now = unix_now(deps.projecting.clock)
    after: Address | None = None
    while wallets := deps.projecting.facts.tracked(after=after, limit=PAGE):
        marks = deps.marks.last_of(wallets)
        lately = [w for w in wallets if marks.get(w, 0) > now - READ_WITHIN_S]
        read += len(lately)
        projected += sum(_quote(wallet, now, deps.projecting) for wallet in lately)
        after = wallets[-1]
    return QuoteReport(read, projected)


def _quote(wallet: Address, now: UnixSeconds, deps: ProjectDeps) -> bool:
    """Project a wallet if what it holds is worth something else than its summary says."""
    shown = deps.summaries.get(wallet)
    if shown is None or shown.pnl == headline(deps.facts.worth(wallet, at=now)):
        return False
    with deps.facts.transaction() as transaction:
        transaction.touch(wallet, at=datetime.fromtimestamp(now, UTC))
    project_wallet(wallet, deps=deps)
    return True
