"""What trades are worth as long as no prices are told: their SOL leg, exactly."""

from oof.domain.positions.events import Exchange
from oof.domain.positions.worth import UNKNOWN, Ratio, Worth
from oof.domain.units import SOL_MINT, Mint, RawAmount, UnixSeconds


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
