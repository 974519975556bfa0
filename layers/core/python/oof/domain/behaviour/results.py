"""What a wallet's exits came to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from oof.domain.behaviour.limits import (
    BIG_WIN,
    DEEP_LOSS_PERCENT,
    FLAT_PERCENT,
    FLAT_S,
    LEAST_EXITS,
)
from oof.domain.behaviour.model import Reason, Results
from oof.domain.behaviour.records import ExitMark
from oof.domain.behaviour.spreads import (
    PLACES,
    USD_PLACES,
    median,
    scaled,
    share,
    usd_units,
)


class ExitResult(NamedTuple):
    """One exit whose profit is known, in whole 10^-8 USD."""

    exit: ExitMark
    profit: int
    cost: int
    fees: int

    @property
    def is_big_win(self) -> bool:
        """Whether it got many times its cost."""
        return self.cost > 0 and self.profit >= (BIG_WIN - 1) * self.cost

    @property
    def is_deep_loss(self) -> bool:
        """Whether it lost most of its cost."""
        return self.cost > 0 and -100 * self.profit >= DEEP_LOSS_PERCENT * self.cost

    @property
    def is_flat_turn(self) -> bool:
        """Whether it was in and out within minutes at next to the same price."""
        hold = self.exit.hold_s
        is_flat = 100 * abs(self.profit + self.fees) <= FLAT_PERCENT * self.cost
        return self.cost > 0 and hold is not None and hold <= FLAT_S and is_flat


def valued(exits: Iterable[ExitMark]) -> list[ExitResult]:
    """Return exits whose profit is known in USD."""
    return [
        ExitResult(each, usd_units(each.pnl_usd), _units(each.cost_usd), _units(each.fees_usd))
        for each in exits
        if each.pnl_usd is not None
    ]


def results_of(exits: Sequence[ExitMark], known: Sequence[ExitResult]) -> Results:
    """Return what exits came to; `known` are those of which that is known in USD."""
    is_told = len(known) >= LEAST_EXITS
    wins = [each for each in known if each.profit > 0]
    losses = [each for each in known if each.profit < 0]
    cost, fees = sum(each.cost for each in known), sum(each.fees for each in known)
    made, lost = sum(each.profit for each in wins), -sum(each.profit for each in losses)
    few = Reason.TOO_FEW if len(exits) < LEAST_EXITS else Reason.NO_PRICE
    return Results(
        realized_usd=scaled(made - lost, USD_PLACES),
        cost_usd=scaled(cost, USD_PLACES),
        fees_usd=scaled(fees, USD_PLACES),
        wins=len(wins),
        losses=len(losses),
        win_rate=share(len(wins), len(wins) + len(losses)) if is_told and wins + losses else None,
        roi=share(made - lost, cost) if is_told and cost else None,
        profit_factor=share(made, lost) if is_told and lost else None,
        fee_rate=share(fees, cost) if is_told and cost else None,
        gain=_median_rate(wins) if is_told else None,
        loss=_median_rate(losses) if is_told else None,
        big_wins=sum(each.is_big_win for each in known),
        deep_losses=sum(each.is_deep_loss for each in known),
        flat_turns=sum(each.is_flat_turn for each in known),
        missing=None if is_told else few,
    )


def _median_rate(exits: Sequence[ExitResult]) -> Decimal | None:
    rates = [abs(each.profit) * 10**PLACES // each.cost for each in exits if each.cost > 0]
    return scaled(median(rates), PLACES) if len(rates) >= LEAST_EXITS else None


def _units(usd: Decimal | None) -> int:
    return 0 if usd is None else usd_units(usd)
