"""What a position came to: integers that are sums of what each of its events came to.

Money is in lamports, each event rounded once (half to even), so that a total is exactly the sum of
the rows beside it, in whatever batches they were added up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from oof.domain.positions.events import WalletTransaction
from oof.domain.positions.fold import Position, Realized, Valuer
from oof.domain.positions.lots import PRICED_ORIGINS
from oof.domain.positions.worth import Ratio
from oof.domain.units import Mint


@dataclass(slots=True, kw_only=True)
class Totals:
    """Sums over a position's whole history."""

    buys: int = 0
    exits: int = 0
    """Trades that sold some of it."""
    bought_raw: int = 0
    sold_raw: int = 0
    arrived_raw: int = 0
    """Without a trade."""
    left_raw: int = 0
    """Without a trade."""
    paid_raw: int = 0
    """As fees."""
    opening_raw: int = 0
    """Held before the oldest transaction that is known."""
    spent_lamports: int = 0
    """SOL legs of buys."""
    received_lamports: int = 0
    """SOL legs of sells."""
    fees_lamports: int = 0
    """On entry and exit of what is in `realized_lamports`."""
    realized_lamports: int = 0
    """Proceeds less cost less fees, of units whose cost and proceeds are known in SOL."""
    wins: int = 0
    """Exits with something in `realized_lamports`, above zero."""
    losses: int = 0
    """The same, below zero."""
    unknown_raw: int = 0
    """Sold units that came in without a known cost."""
    unmatched_raw: int = 0
    """Sold units of which no lot was known."""
    excluded_lamports: int = 0
    """SOL received for what is unknown or unmatched: in no profit."""
    unpriced: int = 0
    """Exits of known units whose cost or proceeds have no worth in SOL."""
    unpriced_raw: int = 0
    held_unit_seconds: int = 0
    """Units times seconds between entry and exit, where both times are known."""
    held_units: int = 0

    def add_transaction(self, mint: Mint, transaction: WalletTransaction, valuer: Valuer) -> None:
        """Count what moved."""
        for exchange in transaction.exchanges:
            worth = valuer.exchange(exchange, transaction.at).lamports
            if exchange.bought_mint == mint:
                self.buys += 1
                self.bought_raw += exchange.bought_raw
                self.spent_lamports += rounded(worth) or 0
            if exchange.sold_mint == mint:
                self.exits += 1
                self.sold_raw += exchange.sold_raw
                self.received_lamports += rounded(worth) or 0
        for disposal in transaction.disposals:
            if disposal.mint == mint:
                self.exits += 1
                self.sold_raw += disposal.raw
                self.received_lamports += rounded(disposal.worth.lamports) or 0
        for flow in transaction.flows:
            if flow.mint == mint and flow.delta_raw > 0:
                self.arrived_raw += flow.delta_raw
            elif flow.mint == mint:
                self.left_raw -= flow.delta_raw
        self.paid_raw += transaction.fees_raw.get(mint, 0)

    def add_exit(self, exit_: Realized) -> None:
        """Count what a sale came to."""
        self.unknown_raw += exit_.unknown_raw
        self.unmatched_raw += exit_.unmatched_raw
        whole = rounded(exit_.worth.lamports)
        proceeds = rounded(exit_.proceeds.lamports)
        if whole is not None and proceeds is not None:
            self.excluded_lamports += whole - proceeds
        self._add_profit(exit_)
        for part in exit_.slices:
            if part.entry.at is not None and exit_.at is not None:
                self.held_unit_seconds += part.qty_raw * max(0, exit_.at - part.entry.at)
                self.held_units += part.qty_raw

    def _add_profit(self, exit_: Realized) -> None:
        if not exit_.qty_raw:
            return
        profit = rounded(exit_.pnl.lamports)
        if profit is None:
            self.unpriced += 1
            self.unpriced_raw += exit_.qty_raw
            return
        self.realized_lamports += profit
        self.fees_lamports += rounded(exit_.entry_fees.plus(exit_.exit_fees).lamports) or 0
        self.wins += profit > 0
        self.losses += profit < 0


def totals_of(values: Mapping[str, int]) -> Totals:
    """Return totals that were written as `figures_of`; what is standing is left out."""
    return Totals(**{part.name: values[part.name] for part in fields(Totals)})


def figures_of(position: Position, totals: Totals) -> dict[str, int]:
    """Return totals, and what is left and at what cost, read off the open lots."""
    lots = position.book.lots
    known = [lot for lot in lots if lot.entry.origin in PRICED_ORIGINS]
    priced = [lot for lot in known if lot.worth.lamports is not None]
    cost = (rounded(lot.worth.part(lot.qty_raw, lot.share_of).lamports) or 0 for lot in priced)
    fees = (rounded(lot.fees.part(lot.qty_raw, lot.share_of).lamports) or 0 for lot in priced)
    return {
        **{part.name: getattr(totals, part.name) for part in fields(Totals)},
        "held_raw": position.held_raw,
        "aside_raw": sum(book.qty_raw for book in position.aside.values()),
        "lots": len(lots),
        "priced_raw": sum(lot.qty_raw for lot in priced),
        "cost_lamports": sum(cost),
        "open_fees_lamports": sum(fees),
        "short_raw": position.unmatched_raw,
        "episodes": position.episodes,
    }


def rounded(lamports: Ratio | None) -> int | None:
    """Return whole lamports, half to even; None stays unknown."""
    return None if lamports is None else lamports.in_parts(1)
