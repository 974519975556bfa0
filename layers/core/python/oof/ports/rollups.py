"""Rollups of a wallet's days, kept up with them, and windows that move on with time."""

from collections.abc import Collection
from typing import Protocol

from oof.domain.units import Address, Mint


class RollupTransaction(Protocol):
    """The side of a facts transaction that keeps rollups."""

    def roll(
        self, wallet_id: int, *, mints: Collection[Mint], days: Collection[int], today: int
    ) -> None:
        """Sum anew what days of some mints are part of, after they were written.

        That is these days of the wallet, the windows of these mints, and the wallet's windows.
        Windows end with `today`, or with the later day that they ended with before; mints whose
        windows are others since are summed too. With neither mints nor days only time passes.
        """
        ...


class RollupReads(Protocol):
    """What is asked of rollups outside of any wallet's turn."""

    def wallets_behind(self, *, today: int, limit: int) -> tuple[Address, ...]:
        """Return tracked wallets whose windows end before `today`, longest first."""
        ...
