"""What trades are worth: their SOL leg, exactly; and dollars, where prices are told."""

from typing import Final

from oof.domain.positions.events import Exchange
from oof.domain.positions.worth import UNKNOWN, Ratio, Worth
from oof.domain.prices.book import PriceBook
from oof.domain.tokens import QUOTES
from oof.domain.units import SOL_MINT, Mint, RawAmount, UnixSeconds

LAMPORTS_PER_SOL: Final = RawAmount(1_000_000_000)


class SolLegs:
    """A `Valuer` in lamports alone: USD is unknown, and so is whatever has no SOL leg."""

    def exchange(self, exchange: Exchange, at: UnixSeconds | None) -> Worth:
        """See `Valuer.exchange`."""
        if exchange.sold_mint == SOL_MINT:
            return self.amount(SOL_MINT, exchange.sold_raw, at)
        return self.amount(exchange.bought_mint, exchange.bought_raw, at)

    def amount(self, mint: Mint, raw: RawAmount, at: UnixSeconds | None) -> Worth:  # noqa: ARG002
        """See `Valuer.amount`."""
        return Worth(None, Ratio(raw, 1)) if mint == SOL_MINT else UNKNOWN


class BookPrices:
    """A `Valuer` in dollars too: at the price of the minute, unknown where there is none.

    A trade is worth its first priced leg of SOL, USDC, USDT, what was sold, what was bought.
    Lamports are as `SolLegs` tells them.
    """

    def __init__(self, book: PriceBook) -> None:
        self._book = book
        self._legs = SolLegs()

    def exchange(self, exchange: Exchange, at: UnixSeconds | None) -> Worth:
        """See `Valuer.exchange`."""
        legs = {
            exchange.bought_mint: exchange.bought_raw,
            exchange.sold_mint: exchange.sold_raw,
        }
        told = (
            self._usd(mint, legs[mint], at)
            for mint in (*QUOTES, exchange.sold_mint, exchange.bought_mint)
            if mint in legs
        )
        usd = next((usd for usd in told if usd is not None), None)
        return Worth(usd, self._legs.exchange(exchange, at).lamports)

    def amount(self, mint: Mint, raw: RawAmount, at: UnixSeconds | None) -> Worth:
        """See `Valuer.amount`."""
        return Worth(self._usd(mint, raw, at), self._legs.amount(mint, raw, at).lamports)

    def sale(self, mint: Mint, raw: RawAmount, at: UnixSeconds | None) -> Worth:
        """Return what an amount would have brought at the price of the minute, in both units."""
        usd, lamports = self.amount(mint, raw, at)
        whole_sol = self._usd(SOL_MINT, LAMPORTS_PER_SOL, at)
        if lamports is None and usd is not None and whole_sol is not None and whole_sol.num:
            lamports = Ratio(usd.num * whole_sol.den * LAMPORTS_PER_SOL, usd.den * whole_sol.num)
        return Worth(usd, lamports)

    def _usd(self, mint: Mint, raw: RawAmount, at: UnixSeconds | None) -> Ratio | None:
        valued = None if at is None else self._book.value(mint, raw, at)
        return None if valued is None else Ratio(*valued.usd.as_integer_ratio())
