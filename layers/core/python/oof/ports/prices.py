"""Who tells prices, and where they are kept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from oof.domain.prices.book import PriceBook, Span
from oof.domain.prices.candles import Candle, Width
from oof.domain.prices.wants import DueDay, Want
from oof.domain.tokens import DOLLARS, QUOTES
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount, UnixSeconds

MOST_TRIES: Final = 5
"""How often a day is asked about again because trades of ours could not be priced."""


def quotes_of(mint: Mint) -> tuple[Mint, ...]:
    """Return what a mint's price may be read off: SOL's off dollars, a dollar's off nothing."""
    if mint in DOLLARS:
        return ()
    return DOLLARS if mint == SOL_MINT else QUOTES


class PriceProvider(Protocol):
    """Somebody who sells prices. What it does not know it leaves out: that is no failure."""

    @property
    def reads(self) -> int:
        """Requests that this event has sent so far."""
        ...

    @property
    def batch(self) -> int:
        """How many wants one `tell` may answer."""
        ...

    def tells(self, want: Want) -> bool:
        """Whether this is something it could know."""
        ...

    def tell(self, wants: Sequence[Want]) -> Mapping[Want, tuple[Candle, ...]]:
        """Return sound candles, ascending, by want; wants it knows nothing of are left out.

        Raises `UpstreamUnavailable`, `UpstreamRejected`, `BudgetSpent`.
        """
        ...


class Settled(NamedTuple):
    """A day that was asked about."""

    mint: Mint
    day: int
    until: UnixSeconds
    """Up to where."""
    told: int
    """Candles that somebody told, not counting our own facts."""
    is_lacking: bool = False
    """Whether some of our own trades could not be priced yet: ask again, a few times."""


class QuotedSwap(NamedTuple):
    """A stored trade of a mint against SOL or a dollar, from the trader's side."""

    ts: UnixSeconds
    trader: Address
    is_buy: bool
    raw: RawAmount
    decimals: int
    quote_mint: Mint
    quote_raw: RawAmount


class PriceReader(Protocol):
    """Looks stored prices up. Every method raises `StoreUnavailable`."""

    def candles(self, mint: Mint, *, since: UnixSeconds, until: UnixSeconds) -> tuple[Candle, ...]:
        """Return the candles that start in `[since, until)`, by start, then width."""
        ...

    def page(
        self, mint: Mint, *, width: Width, since: UnixSeconds, buckets: int
    ) -> tuple[Candle, ...]:
        """Return candles no wider than `width` from `since` on, by start.

        All those of the first `buckets` buckets of that width which hold any, and no others.
        """
        ...

    def book(self, spans: Iterable[Span]) -> PriceBook:
        """Return a book of every price that can be looked up within `spans`, in one query.

        A wider bucket that began before a span and reaches into it is in the book as well.
        """
        ...

    def is_pending(self, mint: Mint, *, at: datetime) -> bool:
        """Whether days of this mint are due and were never asked about."""
        ...


class PriceStore(PriceReader, Protocol):
    """Keeps candles, and what is to be asked. Every method bears being run twice at once."""

    def note_trades(self, *, sol_usd: int, oldest_day: int) -> int:
        """Note which days of which mints newly stored trades touched; return how many trades.

        Days before `oldest_day` are never asked for.
        `sol_usd` compares dollars with SOL where dear days go first. A few older trades are looked
        at again each time, because transactions are not committed in the order of their ids.
        """
        ...

    def due_days(self, *, at: datetime, limit: int) -> tuple[DueDay, ...]:
        """Return days due by `at`, the dearest first."""
        ...

    def due_among(self, days: Sequence[tuple[Mint, range]], *, at: datetime) -> tuple[DueDay, ...]:
        """Return, of some stretches of days, each once those that are due by `at`."""
        ...

    def due_quotes(self, *, quoted_before: datetime, limit: int) -> tuple[Mint, ...]:
        """Return touched mints without a quote since then, the dearest first."""
        ...

    def keep(self, candles: Mapping[Mint, Sequence[Candle]]) -> int:
        """Keep candles of known mints; return how many were new or better.

        Of two for one bucket the more confident stays, else the later.
        """
        ...

    def settle(
        self, days: Sequence[Settled], quotes: Sequence[Mint], *, at: datetime, again_at: datetime
    ) -> None:
        """Note what was asked; days that are not over, or lacking, are due at `again_at`."""
        ...

    def swaps(
        self, days: Sequence[tuple[Mint, int]]
    ) -> Mapping[tuple[Mint, int], tuple[QuotedSwap, ...]]:
        """Return, by mint and day, stored trades of a mint against SOL or a dollar, by time.

        Without makers' sides, arbitrage, and what was dropped by a reorg. Days without any are
        left out.
        """
        ...

    def outgrown(self, *, now: UnixSeconds, limit: int) -> tuple[tuple[Mint, int], ...]:
        """Return days whose candles are narrower than their age asks, the oldest first."""
        ...

    def compact(self, mint: Mint, *, day: int, now: UnixSeconds) -> int:
        """Make a day's candles as wide as their age asks; return how many there were less."""
        ...
