"""How long a wallet holds what it bought, and whether gains or losses longer."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final

from oof.domain.behaviour.limits import DAY_S, FLIP_S, HOLD_S, LEAST_EXITS, MINUTE_S, MONTH_S
from oof.domain.behaviour.model import Holding, Reason, Spread
from oof.domain.behaviour.records import EpisodeMark, ExitMark
from oof.domain.behaviour.spreads import share, spread
from oof.domain.units import UnixSeconds

_FINE: Final = 10**12
"""Parts that one exit's part of a score is cut to, so that sums do not depend on their order."""


def holding_of(
    exits: Sequence[ExitMark], held: Iterable[EpisodeMark], *, end: UnixSeconds
) -> Holding:
    """Return how long exits had been held, and what is `held` at the span's end."""
    holds = [each.hold_s for each in exits if each.hold_s is not None]
    is_told = len(holds) >= LEAST_EXITS
    few = Reason.TOO_FEW if len(exits) < LEAST_EXITS else Reason.NO_TIME
    sides = {
        side: [e.hold_s for e in exits if e.hold_s is not None and e.side == side]
        for side in (1, -1)
    }
    winners = spread(sides[1], least=LEAST_EXITS)
    losers = spread(sides[-1], least=LEAST_EXITS)
    ages = [max(0, end - each.opened_at) for each in held if each.opened_at is not None]
    received = sum(2 * each.received_raw > each.sold_raw for each in exits)
    return Holding(
        hold=spread(holds, least=LEAST_EXITS, why=few),
        under_minute_share=_below(holds, MINUTE_S) if is_told else None,
        under_day_share=_below(holds, DAY_S) if is_told else None,
        over_month_share=1 - _below(holds, MONTH_S) if is_told else None,
        flipper_score=_score((FLIP_S, FLIP_S + hold) for hold in holds) if is_told else None,
        holder_score=(_score((age, HOLD_S + age) for age in (*holds, *ages)) if is_told else None),
        winners=winners,
        losers=losers,
        disposition=_disposition(winners, losers),
        disposition_missing=winners.missing or losers.missing,
        received_share=share(received, len(exits)) if len(exits) >= LEAST_EXITS else None,
        missing=None if is_told else few,
    )


def _below(holds: Sequence[int], limit: int) -> Decimal:
    return share(sum(hold < limit for hold in holds), len(holds))


def _score(parts: Iterable[tuple[int, int]]) -> Decimal:
    whole, count = 0, 0
    for part, of in parts:
        whole += part * _FINE // of
        count += 1
    return share(Fraction(whole, _FINE), count)


def _disposition(winners: Spread, losers: Spread) -> Decimal | None:
    if winners.median is None or losers.median is None:
        return None
    both = losers.median + winners.median
    return share(losers.median - winners.median, both) if both else share(0, 1)
