"""Record what the provider's webhooks now are, and have listed whoever they name since.

This side reaches the database. A wallet is live only once a listing ends that began after this.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from oof.app.webhook_documents import WebhookDocuments
from oof.domain.evidence import Reason
from oof.domain.units import Address
from oof.ports.blobs import Blobs
from oof.ports.locks import FencedLock
from oof.ports.system import Clock, unix_now
from oof.ports.tails import TailStore
from oof.ports.watching import WatchCounts, WatchStore

HOLD_S: Final = 120
"""How long the lock is held: longer than this step may take."""
PROJECTED: Final = 100
"""Summaries shown at once; the sweeper shows the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmWebhooksDeps:
    """What confirming needs; it reaches the database, not the provider."""

    store: WatchStore
    tails: TailStore
    lock: FencedLock
    blobs: Blobs
    clock: Clock
    project: Callable[[Address], None]
    """Shows the wallet as it now is."""


class Confirmation(NamedTuple):
    """How a reconciliation ended."""

    puts: int
    named: int
    """Wallets that the provider reports from now on."""
    drift: Mapping[str, int]
    fault: str | None
    credits: int
    is_rotating: bool
    counts: WatchCounts


def confirm_webhooks(deps: ConfirmWebhooksDeps, *, tick: str) -> Confirmation:
    """Record the result, queue the listings it calls for, and give the lock back.

    Where another reconciliation took over meanwhile, what this one brought about may be undone
    already: nothing is recorded, and the next plan starts from what the other recorded.
    """
    now = unix_now(deps.clock)
    result = WebhookDocuments(deps.blobs, tick).result()
    is_ours = deps.lock.hold(tick, result.fence, at=now, for_s=HOLD_S)
    named = deps.store.confirm(result.confirmed, at=now) if is_ours else ()
    # many at once are no newcomers whom somebody waits for, but what a webhook lost
    is_few = len(named) <= PROJECTED and not result.confirmed.broken
    reason = Reason.NAMED if is_few else Reason.OUTAGE
    deps.tails.want(dict.fromkeys(named, reason), at=now)
    for wallet in named[:PROJECTED]:
        deps.project(wallet)
    deps.lock.leave(tick)
    return Confirmation(
        puts=len(result.confirmed.puts),
        named=len(named),
        drift=result.drift,
        fault=result.fault,
        credits=result.credits,
        is_rotating=result.confirmed.is_rotating,
        counts=deps.store.counts(),
    )
