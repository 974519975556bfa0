"""Move windows on with time: those of wallets that did nothing since the day they end with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from oof.domain.units import Address
from oof.domain.windows import today_of
from oof.ports.facts import FactStore
from oof.ports.system import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class RollDeps:
    """What rolling needs."""

    facts: FactStore
    clock: Clock
    batch: int = 100
    """Wallets looked up at once; each is rolled in a transaction of its own."""


class RollReport(NamedTuple):
    """What one run did."""

    rolled: int
    is_done: bool
    """Whether no wallet was left behind."""


def roll_windows(*, deps: RollDeps, is_in_time: Callable[[], bool]) -> RollReport:
    """Roll wallets, longest behind first, until none is behind or time is up.

    Whatever is left is there for the next run. Raises `StoreUnavailable` or `Conflict`: what was
    rolled before stays.
    """
    today = today_of(deps.clock.now())
    rolled = 0
    while is_in_time():
        wallets = deps.facts.wallets_behind(today=today, limit=deps.batch)
        for wallet in wallets:
            roll_wallet(wallet, today=today, facts=deps.facts)
        rolled += len(wallets)
        if len(wallets) < deps.batch:
            return RollReport(rolled, is_done=True)
    return RollReport(rolled, is_done=False)


def roll_wallet(wallet: Address, *, today: int, facts: FactStore) -> None:
    """Let a wallet's windows end with today, under its row lock; rolling again changes nothing."""
    with facts.transaction() as transaction:
        held = transaction.lock(wallet)
        if held is not None:
            transaction.roll(held.wallet_id, mints=(), days=(), today=today)
