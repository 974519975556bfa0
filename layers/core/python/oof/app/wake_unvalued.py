"""Wake the wallets whose positions wait to be valued: new prices have come in."""

from typing import Final

from oof.ports.facts import FactStore
from oof.ports.queues import WalletWaker
from oof.ports.system import Clock

PAGE: Final = 500
"""Wallets woken at once; what is beyond waits for the sweep."""


def wake_unvalued(facts: FactStore, waker: WalletWaker, *, clock: Clock, batch: str) -> int:
    """Wake them, and return how many they are. Raises `StoreUnavailable`."""
    wallets = facts.unvalued_wallets(before=clock.now(), limit=PAGE)
    if wallets:
        waker.wake(wallets, batch=batch)
    return len(wallets)
