"""Each day a sample of wallets is worked out anew and compared; what differs is told, never mended.

A difference is looked at twice: what is stored of a transaction may be learnt between it and the
turn that counts it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from oof.domain.positions.holding_days import HoldingDay
from oof.domain.positions.stored import PositionRow, fold_page, touched_mints
from oof.domain.positions.valuing import SolLegs
from oof.domain.rollups.drift import Drift, holding_drifts, ledger_drifts, value_drifts
from oof.domain.snapshot.fold import FoldPlan, add_entry, as_seen
from oof.domain.units import Address, Mint, Slot
from oof.domain.windows import today_of
from oof.ports.rollup_checks import RollupCheckStore, RollupSnapshot, Standing
from oof.ports.system import Clock

PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDeps:
    """What checking needs."""

    store: RollupCheckStore
    clock: Clock
    wallets: int = 50
    """Checked a day, at most."""
    ledger_rows: int = 20_000
    """A longer ledger is left out: it would take minutes."""


class Skipped(StrEnum):
    """Why a wallet was not checked."""

    BUSY = "busy"
    """Some stage is behind."""
    TOO_LONG = "too_long"


class RollupReport(NamedTuple):
    """What a run found."""

    checked: int
    busy: int
    too_long: int
    left: int
    """Not looked at, for want of time."""
    drifts: tuple[Drift, ...]


def check_rollups(*, deps: CheckDeps, has_time: Callable[[], bool]) -> RollupReport:
    """Check this day's sample for as long as there is time. Raises `StoreUnavailable`."""
    wallets = deps.store.sample(turn=today_of(deps.clock.now()), limit=deps.wallets)
    drifts: list[Drift] = []
    checked = 0
    skipped: list[Skipped] = []
    for wallet in wallets:
        if not has_time():
            break
        found = check_wallet(wallet, deps=deps)
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            checked += 1
            drifts += found
    return RollupReport(
        checked,
        skipped.count(Skipped.BUSY),
        skipped.count(Skipped.TOO_LONG),
        len(wallets) - checked - len(skipped),
        tuple(drifts),
    )


def check_wallet(wallet: Address, *, deps: CheckDeps) -> list[Drift] | Skipped:
    """Return what differs of a wallet, and did when it was looked at again."""
    found = _look(wallet, deps)
    return _look(wallet, deps) if found else found


def _look(wallet: Address, deps: CheckDeps) -> list[Drift] | Skipped:
    with deps.store.snapshot() as snapshot:
        standing = snapshot.standing(wallet)
        if standing is None or not standing.is_applied:
            return Skipped.BUSY
        if standing.ledger_rows > deps.ledger_rows:
            return Skipped.TOO_LONG
        return _drifts(wallet, snapshot, standing)


def _drifts(wallet: Address, snapshot: RollupSnapshot, standing: Standing) -> list[Drift]:
    wallet_id = standing.wallet_id
    plan = _folded(snapshot, wallet_id)
    drifts = ledger_drifts(wallet, snapshot.ledger_rollups(wallet_id), plan)
    if standing.is_folded:
        wanted = _held(snapshot, wallet_id)
        drifts += holding_drifts(wallet, snapshot.holding_days(wallet_id), wanted)
    if standing.is_folded and standing.is_valued:
        drifts += value_drifts(wallet, snapshot.value_rollups(wallet_id))
    return drifts


def _folded(snapshot: RollupSnapshot, wallet_id: int) -> FoldPlan:
    """Fold the whole ledger at once, as its last rows saw it."""
    plan, after = FoldPlan(), 0
    while entries := snapshot.live_entries(wallet_id, after_tx=after, limit=PAGE):
        for entry in entries:
            add_entry(plan, as_seen(entry))
        after = entries[-1].tx_id
    return plan


def _held(snapshot: RollupSnapshot, wallet_id: int) -> list[HoldingDay]:
    """Fold the whole history from its beginning, a page at a time."""
    positions: dict[Mint, PositionRow] = {}
    days: dict[tuple[Mint, int], HoldingDay] = {}
    met: set[int] = set()
    after: Slot | None = None
    while events := snapshot.history(wallet_id, after=after, limit=PAGE):
        touched = touched_mints(events)
        rows = fold_page(
            events,
            stored=[row for mint, row in positions.items() if mint in touched],
            known_accounts=frozenset(met),
            valuer=SolLegs(),
        )
        positions |= {row.mint: row for row in rows.positions}
        days |= {(row.mint, row.day): row for row in rows.holdings}
        met |= rows.accounts.keys()
        after = events[-1].slot
    return list(days.values())
