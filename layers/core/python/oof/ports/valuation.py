"""What positions are worth in dollars: a stage behind them, valued exactly once.

What changed is marked, in the transaction that changed it: by the fold for what it wrote, by who
keeps prices for what waited for them. What is marked is valued in one transaction under the
wallet's row lock, which clears the mark: a crash before its commit changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

from oof.domain.positions.days import DayFigures, DayRow, PositionUsd
from oof.domain.positions.headline import WalletWorth
from oof.domain.positions.stored import EntryRow, ExitRow
from oof.domain.positions.valuation import ExitValue, Wait
from oof.domain.prices.book import PriceBook, Span
from oof.domain.units import Address, Mint, Slot, UnixSeconds

AT_ONCE: Final = datetime.fromtimestamp(0, UTC)
"""Since when what prices arrived for is due: nobody else will value it, so the next sweep shall."""


class TradeKey(NamedTuple):
    """Where a page of trades ended."""

    mint: Mint
    slot: Slot
    tx_id: int
    is_entry: bool
    place: int


class OpenedDays(NamedTuple):
    """Days of a mint that are to be summed anew."""

    slot: Slot
    """None of their trades is below it."""
    days: frozenset[int]


class ValuationTransaction(Protocol):
    """The side of a facts transaction that keeps what positions are worth in dollars."""

    def take_due(self, wallet_id: int, *, limit: int) -> dict[Mint, Slot]:
        """Clear up to `limit` marks of a locked wallet and return from which slot each was.

        First of all: who marks from then on waits for the end of this transaction, or marks anew.
        """
        ...

    def open_days(self, wallet_id: int, due: Mapping[Mint, Slot]) -> dict[Mint, OpenedDays]:
        """Delete days with a trade at or above each mint's slot, be it one that is gone by now.

        Returns, of each mint, which days have or had one, and where the first of them begins. What
        was waited for from there on is forgotten.
        """
        ...

    def trades(
        self, wallet_id: int, since: Mapping[Mint, Slot], *, after: TradeKey | None, limit: int
    ) -> tuple[ExitRow | EntryRow, ...]:
        """Return trades of mints from a slot on, in the order of `TradeKey`."""
        ...

    def price_book(self, spans: Iterable[Span]) -> PriceBook:
        """Return the prices that can be looked up within `spans`, in one query."""
        ...

    def write_exit_values(self, wallet_id: int, values: Sequence[ExitValue]) -> None:
        """Write what sales came to."""
        ...

    def day_sums(self, wallet_id: int, mints: Sequence[Mint]) -> dict[Mint, DayFigures]:
        """Return the sums of all days of some mints; those without a day are absent."""
        ...

    def write_days(self, wallet_id: int, days: Sequence[DayRow]) -> None:
        """Write days that `open_days` opened."""
        ...

    def save_values(
        self,
        wallet_id: int,
        positions: Mapping[Mint, PositionUsd],
        waits: Mapping[Mint, Sequence[Wait]],
        *,
        at: datetime,
    ) -> None:
        """Write what positions came to and what they wait for; raise the wallet's revision.

        Of two waits for one day of one price the lower slot stays, and that it is missing.
        """
        ...

    def touch(self, wallet: Address, *, at: datetime) -> None:
        """Raise the wallet's revision: what it holds is worth something else by now."""
        ...


class ValuationReads(Protocol):
    """What is asked of valuations outside of any wallet's turn."""

    def unvalued_wallets(self, *, before: datetime, limit: int) -> tuple[Address, ...]:
        """Return unblocked wallets with a mark older than `before`, longest first."""
        ...

    def worth(self, wallet: Address, *, at: UnixSeconds) -> WalletWorth:
        """Return what a wallet's tokens came to, and what is held at the newest prices."""
        ...
