"""Mistakes planted into our results, to see that the comparison with the peer would tell them.

A mistake is told if the answers then differ and no rule takes our side. It cannot be told where it
makes our answer the peer's own; where a rule takes its side, the rule is too generous.
"""

import copy
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from local.accuracy.model import Case
from local.accuracy.rules import decide
from tests.checker.bodies import Json

_FEES: Final = frozenset({"platform_fee", "protocol_fee", "creator_fee", "bot_fee", "tip"})
_OTHERS: Final = 6
"""So many other owners of a transaction are tried as its trader."""

TOLD: Final = "told"
PEERS: Final = "the peer's answer"
EXCUSED: Final = "excused"


def plant(cases: Iterable[Case]) -> dict[str, Counter[str]]:
    """Plant every mistake into every trade; count by mistake what becomes of it."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        if case.ours:
            for mistake, result in _mistakes(case):
                wrong = Case(case.file, case.body, result, case.answer)
                found[mistake][_fate(wrong)] += 1
    return found


def _fate(wrong: Case) -> str:
    if wrong.agrees:
        return PEERS
    return TOLD if decide(wrong) is None else EXCUSED


def _mistakes(case: Case) -> Iterator[tuple[str, Json]]:
    trade = case.result["trades"][0]
    yield "bought one unit more", _changed(case, bought_raw=_plus(trade["bought_raw"], 1))
    yield "sold one unit less", _changed(case, sold_raw=_plus(trade["sold_raw"], -1))
    yield (
        "sides swapped",
        _changed(
            case,
            sold_mint=trade["bought_mint"],
            sold_raw=trade["bought_raw"],
            bought_mint=trade["sold_mint"],
            bought_raw=trade["sold_raw"],
        ),
    )
    owners = {owner for owner, _mint in case.evidence.deltas if owner} - {trade["trader"]}
    for owner in sorted(owners)[:_OTHERS]:
        yield "another trader", _changed(case, trader=owner)
    yield "trade lost", {**case.result, "trades": case.result["trades"][1:]}
    yield from _misplaced_fees(case, trade)


def _misplaced_fees(case: Case, trade: Json) -> Iterator[tuple[str, Json]]:
    for index, row in enumerate(case.result["movements"]):
        if row["owner"] != trade["trader"] or row["kind"] not in _FEES:
            continue
        amount = -int(row["delta_raw"])
        for side in ("sold", "bought"):
            if row["mint"] == trade[f"{side}_mint"]:
                for sign, what in ((1, "added to"), (-1, "taken from")):
                    raw = _plus(trade[f"{side}_raw"], sign * amount)
                    yield f"fee {what} what was {side}", _changed(case, **{f"{side}_raw": raw})
                exchanged = _changed(case, **{f"{side}_raw": str(amount)})
                exchanged["movements"][index]["delta_raw"] = f"-{trade[f'{side}_raw']}"
                yield f"fee exchanged with what was {side}", exchanged


def _plus(raw: str, more: int) -> str:
    return str(int(raw) + more)


def _changed(case: Case, **fields: str) -> Json:
    result = copy.deepcopy(case.result)
    result["trades"][0].update(fields)
    return result
