"""How far the peer and we agree on traders, pairs and amounts."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from local.accuracy.model import Case, Swap
from local.accuracy.rules import whole_routes

_SAME: Final[dict[str, Callable[[Swap], Any]]] = {
    "trader": lambda swap: swap.trader,
    "mint pair": lambda swap: (swap.sold_mint, swap.bought_mint),
    "amounts": lambda swap: (swap.sold_raw, swap.bought_raw),
    "all of it": lambda swap: swap,
}


class Agreement(NamedTuple):
    """In how many of some transactions, in each of which somebody sees a trade, both see one."""

    compared: int
    same: dict[str, int]
    """As the peer answers when asked as its README says."""
    same_by_legs: dict[str, int]
    """Where need be by the legs it reports when told not to add them up."""


def is_quiet(case: Case) -> bool:
    """Whether neither side sees a trade."""
    return not case.ours and case.answer.whole is None and case.answer.error is None


def agreement(cases: Iterable[Case]) -> Agreement:
    """Count agreement over transactions in which either side sees a trade."""
    loud = [case for case in cases if not is_quiet(case)]
    same: Counter[str] = Counter(dict.fromkeys(_SAME, 0))
    same_by_legs: Counter[str] = Counter(dict.fromkeys(_SAME, 0))
    for case in loud:
        for name, part in _SAME.items():
            is_same = any(_is_same(case.ours, answer, part) for answer in _answers(case))
            same[name] += is_same
            by_legs = whole_routes(case.answer.legs)
            same_by_legs[name] += is_same or _is_same(case.ours, by_legs, part)
    return Agreement(len(loud), dict(same), dict(same_by_legs))


def _answers(case: Case) -> list[tuple[Swap, ...]]:
    whole = (case.answer.whole,) if case.answer.whole else ()
    return [whole, tuple(part.swap for part in case.answer.parts)]


def _is_same(ours: tuple[Swap, ...], theirs: tuple[Swap, ...], part: Callable[[Swap], Any]) -> bool:
    return Counter(map(part, ours)) == Counter(map(part, theirs))
