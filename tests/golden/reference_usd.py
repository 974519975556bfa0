"""What the golden wallet's trades came to in dollars, reckoned as plainly as can be.

Nothing of `oof` is imported. Prices are read off the market's own bars: the close of the bar that
a moment lies in, as wide as its age asks (minutes for a week, five of them for half a year, then
hours); where nobody recorded that bar, there is none.

The rules: an amount given for another is worth its first priced leg of SOL, USDC, USDT, what was
given, what was got, at its minute; a lot cost what it was worth when it came; fees are lamports at
SOL's price of then. Every part is rounded to eight decimals, half to even, and sums are exact.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from local.upstream.golden.market import Market
from tests.golden.reference import MONEY, SOL, Exit, Lot, Money, Piece, whole

MINUTE, FIVE, HOUR, DAY = 60, 300, 3_600, 86_400
_WIDE = Context(prec=80, rounding=ROUND_HALF_EVEN)
Usd = Decimal | None
"""Dollars; None where nobody can tell."""


class ExitUsd(NamedTuple):
    """A sale in dollars; `proceeds` and `profit` are of the units whose cost is known."""

    proceeds: Usd
    cost: Usd
    fees: Usd
    profit: Usd
    volume: Usd


class PlainPrices:
    """Prices of a market as they are known at `now`."""

    def __init__(self, market: Market, now: int) -> None:
        self.market, self.now = market, now

    def width_of(self, time: int) -> int:
        """Return how wide the bar of a moment is."""
        if (time // HOUR + 1) * HOUR <= self.now - 180 * DAY:
            return HOUR
        return FIVE if (time // FIVE + 1) * FIVE <= self.now - 7 * DAY else MINUTE

    def at(self, mint: str, time: int) -> Usd:
        """Return the close of the bar that a moment lies in."""
        if not self.market.is_priced(mint):
            return None
        width = self.width_of(time)
        bar = self.market.bar(mint, time // width * width, width)
        return None if bar is None else Decimal(repr(bar[3]))

    def worth(self, mint: str, raw: int, time: int) -> Fraction | None:
        """Return what an amount is worth, exactly."""
        price = self.at(mint, time)
        if price is None:
            return None
        units: int = 10 ** self.market.decimals(mint)
        return Fraction(price) * Fraction(raw, units)

    def first_worth(self, legs: Iterable[tuple[str, int]], time: int) -> Fraction | None:
        """Return what the first priced leg is worth: SOL, dollars, then in the order given."""
        ordered = sorted(legs, key=lambda leg: MONEY.index(leg[0]) if leg[0] in MONEY else 3)
        for mint, raw in ordered:
            found = self.worth(mint, raw, time)
            if found is not None:
                return found
        return None

    def lamports(self, amount: Money, time: int) -> Usd:
        """Return what whole lamports were worth; nothing costs nothing, price or not."""
        raw = whole(amount)
        if raw is None:
            return None
        return Decimal(0) if raw == 0 else cents(self.worth(SOL, raw, time))

    def exit(self, sale: Exit) -> ExitUsd:
        """Return what a sale came to."""
        time = sale.event.time
        swap = sale.swap
        legs = ((swap.sold_mint, swap.sold_raw), (swap.bought_mint, swap.bought_raw))
        usd = self.first_worth(legs, time)
        known = [piece for piece in sale.pieces if piece.lot.is_known]
        cost = added(self._cost(sale.mint, piece) for piece in known)
        fees = added(
            [
                self.lamports(sale.exit_fees, time),
                *(self.lamports(piece.fees, piece.lot.time or 0) for piece in known),
            ]
        )
        proceeds = None if usd is None else cents(usd * sale.known / swap.sold_raw)
        profit = None
        if sale.known and proceeds is not None and cost is not None and fees is not None:
            profit = proceeds - cost - fees
        return ExitUsd(proceeds, cost, fees, profit, cents(usd))

    def _cost(self, mint: str, piece: Piece) -> Usd:
        legs = [*piece.cost.items(), (mint, piece.qty)]
        return cents(self.first_worth(legs, piece.lot.time or 0))

    def open_cost(self, mint: str, lot: Lot) -> tuple[Usd, Usd]:
        """Return what is left of a lot cost, and the fees on it."""
        legs = [*lot.cost.items(), (mint, lot.left)]
        time = lot.time or 0
        return cents(self.first_worth(legs, time)), self.lamports(lot.of_rest(lot.fees), time)


def cents(amount: Fraction | None) -> Usd:
    """Round to eight decimals, half to even."""
    return None if amount is None else _WIDE.scaleb(Decimal(round(amount * 10**8)), -8)


def added(amounts: Iterable[Usd]) -> Usd:
    """Return the sum; unknown where any part is."""
    total = Decimal(0)
    for amount in amounts:
        if amount is None:
            return None
        total += amount
    return total


def total_of(exits: Mapping[str, list[ExitUsd]]) -> dict[str, Decimal]:
    """Return what each mint's sales with a known profit came to."""
    return {
        mint: sum((each.profit for each in theirs if each.profit is not None), Decimal(0))
        for mint, theirs in exits.items()
    }
