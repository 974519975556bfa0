"""What is asked of every route: the list that tests and benches of reading go through.

A route that is missing here is a fault of whoever added it; a test says so. The requests of a
route are those that cost it the most: the wallet with the longest history, pages from their
beginning and from somewhere within, each filter and each order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from local.crowd.crowd import Crowd
from oof.domain.units import SOL_MINT

_PAGE: Final = 1_500
"""Rows looked at for a page of fifty: each with its mint, its fees, its movements, its price."""
_SCAN: Final = 5_000
"""Rows looked at where a filter steps over what does not match, or widths are put together."""
_OWN: Final = 5_000
"""Rows looked at where the answer sums up a wallet's own days: some ten of each of 400."""


class Case(NamedTuple):
    """One request."""

    what: str
    target: str
    rows: int = _PAGE
    """So many rows may be looked at by each of its statements, however large the crowd is."""
    method: str = "GET"
    asked: Mapping[str, Any] | None = None

    @property
    def body(self) -> bytes:
        """What is sent."""
        return b"" if self.asked is None else orjson.dumps(self.asked)

    @property
    def headers(self) -> dict[str, str]:
        """What is said about it."""
        return {} if self.asked is None else {"Content-Type": "application/json"}


def cases_of(crowd: Crowd) -> Mapping[str, Sequence[Case]]:
    """Return the requests of each operation, by the ids of the description."""
    return {name: list(make(crowd)) for name, make in _CASES.items()}


def _health(_: Crowd) -> Iterator[Case]:
    yield Case("health", "/v1/health")


def _described(_: Crowd) -> Iterator[Case]:
    yield Case("description", "/v1/openapi.json")


def _problem(_: Crowd) -> Iterator[Case]:
    yield Case("problem", "/v1/problems/not_found")


def _summary(crowd: Crowd) -> Iterator[Case]:
    yield Case("summary", f"/v1/wallets/{crowd.heavy}/summary")


def _holdings(crowd: Crowd) -> Iterator[Case]:
    target = f"/v1/wallets/{crowd.heavy}/holdings?empty=true"
    yield Case("holdings", target)
    yield Case("holdings, page 2", _second(crowd, target))


def _transactions(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/transactions"
    yield Case("transactions", f"{path}?limit=50")
    yield Case("transactions, page 2", _second(crowd, f"{path}?limit=50"))
    yield Case("transactions, failed", f"{path}?status=failed", _SCAN)
    yield Case("transactions, by kind", f"{path}?kind=transfer", _SCAN)
    yield Case("transactions, by mint", f"{path}?mint={crowd.mint}", _SCAN)
    yield Case("transactions, by time", f"{path}?{crowd.within_days}", _SCAN)


def _positions(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/positions"
    for sort in ("recent", "pnl", "met"):
        yield Case(f"positions by {sort}", f"{path}?sort={sort}&quotes=true")
        second = _second(crowd, f"{path}?sort={sort}&quotes=true&limit=50")
        yield Case(f"positions by {sort}, page 2", second)
    yield Case("open positions", f"{path}?status=open")


def _position(crowd: Crowd) -> Iterator[Case]:
    yield Case("position", f"/v1/wallets/{crowd.heavy}/positions/{crowd.mint}")
    yield Case("position in SOL", f"/v1/wallets/{crowd.heavy}/positions/{SOL_MINT}", _OWN)


def _token_performance(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/token-performance"
    days = crowd.inside.summed(f"{path}?{crowd.within_days}")
    for sort in ("last_trade", "realized_usd", "roi", "volume_usd"):
        for order in ("desc", "asc"):
            target = f"{path}?sort={sort}&order={order}&limit=20"
            yield Case(f"tokens by {sort} {order}", target)
            yield Case(f"tokens by {sort} {order}, page 2", _second(crowd, target))
        within = f"{days}&sort={sort}&limit=2"
        yield Case(f"tokens of some days by {sort}", within)
        yield Case(f"tokens of some days by {sort}, page 2", _second(crowd, within))
    yield Case("tokens of a week", f"{path}?window=7d")
    yield Case("tokens of days that nobody asked for", f"{path}?to=2020-01-01")


def _pnl_chart(crowd: Crowd) -> Iterator[Case]:
    yield Case("pnl chart", f"/v1/wallets/{crowd.heavy}/pnl-chart", _OWN)


def _pnl_overview(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/pnl-overview"
    yield Case("pnl overview of all time", path, _OWN)
    yield Case("pnl overview of a week", f"{path}?window=7d", _OWN)
    yield Case("pnl overview of some days", f"{path}?{crowd.within_days}", _OWN)


def _pnl_calendar(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/pnl-calendar"
    yield Case("pnl calendar of all time", path, _OWN)
    yield Case("pnl calendar of some days", f"{path}?{crowd.within_days}", _OWN)


def _flows(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/flows"
    yield Case("flows", path, _OWN)
    yield Case("flows, page 2", _second(crowd, f"{path}?limit=5"), _OWN)
    yield Case("flows of some days", f"{path}?{crowd.within_days}&direction=in", _OWN)


def _holdings_history(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/holdings/history"
    yield Case("holdings by day", path, _OWN)
    yield Case("holdings by day, page 2", _second(crowd, path), _OWN)


def _extremes(crowd: Crowd) -> Iterator[Case]:
    yield Case("extremes", f"/v1/wallets/{crowd.heavy}/extremes")


def _behavior(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/wallets/{crowd.heavy}/behavior-analysis"
    yield Case("behaviour of all time", path)
    yield Case("behaviour of a month", f"{path}?window=30d")


def _classification(crowd: Crowd) -> Iterator[Case]:
    yield Case("classification", f"/v1/wallets/{crowd.heavy}/classification")


def _moments(crowd: Crowd) -> Iterator[Case]:
    path = f"/v1/moments?wallet={crowd.heavy}"
    yield Case("moments", path)
    yield Case("moments, page 2", _second(crowd, f"{path}&limit=10"))
    yield Case("moments, by kind", f"{path}&kinds=WORST_TRADE", _SCAN)
    yield Case("moments, by least amount", f"{path}&min_usd=1000000", _SCAN)


def _moment(crowd: Crowd) -> Iterator[Case]:
    page = crowd.inside.get(f"/v1/moments?wallet={crowd.heavy}&limit=1").json
    yield Case("moment", f"/v1/moments/{page['items'][0]['id']}")


def _prices(crowd: Crowd) -> Iterator[Case]:
    yield Case("prices of SOL", f"/v1/tokens/{SOL_MINT}/prices?tf=1h&limit=200")
    yield Case("prices of SOL, page 2", _second(crowd, f"/v1/tokens/{SOL_MINT}/prices?tf=1h"))


def _token(crowd: Crowd) -> Iterator[Case]:  # noqa: ARG001 - the same of every crowd
    yield Case("what SOL is called", f"/v1/tokens/{SOL_MINT}")


def _analysis(crowd: Crowd) -> Iterator[Case]:
    yield Case("positions of a group", crowd.view)
    yield Case("positions of a group, page 2", _second(crowd, f"{crowd.view}?limit=50"))


def _analyse(crowd: Crowd) -> Iterator[Case]:
    asked = {"wallets": [crowd.heavy], "method": "avg"}
    yield Case("ask for a group", "/v1/analyses/positions", method="POST", asked=asked)


def _statuses(crowd: Crowd) -> Iterator[Case]:
    asked = {"wallets": crowd.many}
    target = "/v1/analyses/wallets/status"
    yield Case("status of 500 wallets", target, 10 * len(crowd.many), "POST", asked)


def _compare(crowd: Crowd) -> Iterator[Case]:
    wallets = [*dict.fromkeys((*crowd.alike, *crowd.many))][:50]
    target = "/v1/analyses/similarity"
    yield Case("similarity of 50 wallets", target, _SCAN, "POST", {"wallets": wallets})


def _similar(crowd: Crowd) -> Iterator[Case]:
    yield Case("similar wallets", f"/v1/wallets/{crowd.heavy}/similar")


def _backfill(crowd: Crowd) -> Iterator[Case]:
    target = f"/v1/wallets/{crowd.heavy}/history/backfill?older=700d"
    yield Case("ask for older history", target, method="POST")


def _job(crowd: Crowd) -> Iterator[Case]:
    yield Case("job", crowd.job)


def _cancel(crowd: Crowd) -> Iterator[Case]:
    yield Case("cancel a job", f"{crowd.job}/cancel", method="POST")


_CASES: Final[Mapping[str, Callable[[Crowd], Iterator[Case]]]] = {
    "getHealth": _health,
    "getOpenApi": _described,
    "getProblem": _problem,
    "getSummary": _summary,
    "listHoldings": _holdings,
    "listTransactions": _transactions,
    "listPositions": _positions,
    "explainPosition": _position,
    "listTokenPerformance": _token_performance,
    "getPnlChart": _pnl_chart,
    "getPnlOverview": _pnl_overview,
    "getPnlCalendar": _pnl_calendar,
    "listFlows": _flows,
    "listHoldingsHistory": _holdings_history,
    "getExtremes": _extremes,
    "getBehavior": _behavior,
    "getClassification": _classification,
    "listMoments": _moments,
    "explainMoment": _moment,
    "listPrices": _prices,
    "getToken": _token,
    "getPositionsAnalysis": _analysis,
    "analyzePositions": _analyse,
    "getStatuses": _statuses,
    "compareWallets": _compare,
    "listSimilar": _similar,
    "backfillHistory": _backfill,
    "getJob": _job,
    "cancelJob": _cancel,
}


def _second(crowd: Crowd, target: str) -> str:
    """Return where the page behind the first one is. Raises KeyError where there is none."""
    cursor = crowd.inside.get(target).json["next_cursor"]
    joint = "&" if "?" in target else "?"
    if cursor is None:
        raise KeyError(f"{target} has one page: the crowd is too small")
    return f"{target}{joint}cursor={cursor}"
