"""How much a wallet puts in at once, and into how many tokens."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from fractions import Fraction

from oof.domain.behaviour.limits import DAY_S, LEAST_ENTRIES
from oof.domain.behaviour.model import Reason, Sizing
from oof.domain.behaviour.records import EntryMark
from oof.domain.behaviour.spreads import (
    SOL_PLACES,
    USD_PLACES,
    money_spread,
    scaled,
    share,
    usd_units,
)

_DIGITS = 2


def sizing_of(entries: Sequence[EntryMark]) -> Sizing:
    """Return how large entries were."""
    paid = [each.lamports for each in entries if each.lamports is not None]
    worth = [(each, usd_units(each.usd)) for each in entries if each.usd is not None]
    by_token = _sums((each.mint, units) for each, units in worth)
    by_day = _sums((each.at // DAY_S, units) for each, units in worth if each.at is not None)
    total = sum(by_token.values())
    is_told = len(worth) >= LEAST_ENTRIES and total > 0
    few = Reason.TOO_FEW if len(entries) < LEAST_ENTRIES else Reason.NO_PRICE
    sizes = Counter(map(_cut, paid))
    return Sizing(
        sol=money_spread(paid, places=SOL_PLACES, least=LEAST_ENTRIES),
        usd=money_spread(
            (units for _, units in worth), places=USD_PLACES, least=LEAST_ENTRIES, why=few
        ),
        bought_usd=scaled(total, USD_PLACES),
        peak_day_usd=scaled(max(by_day.values()), USD_PLACES) if is_told and by_day else None,
        top_token_share=share(max(by_token.values()), total) if is_told else None,
        concentration=(
            share(Fraction(sum(part * part for part in by_token.values()), total), total)
            if is_told
            else None
        ),
        same_size_share=(
            share(max(sizes.values()), len(paid)) if len(paid) >= LEAST_ENTRIES else None
        ),
        missing=None if is_told else few,
    )


def _sums[Key: Hashable](parts: Iterable[tuple[Key, int]]) -> Mapping[Key, int]:
    sums: dict[Key, int] = defaultdict(int)
    for key, units in parts:
        sums[key] += units
    return sums


def _cut(lamports: int) -> int:
    """Return an amount with all but its first two digits at 0."""
    step: int = 10 ** max(0, len(str(lamports)) - _DIGITS)
    return lamports - lamports % step
