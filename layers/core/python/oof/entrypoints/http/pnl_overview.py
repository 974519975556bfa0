"""`/v1/wallets/{address}/pnl-overview`: how good a wallet's results were."""

from datetime import date
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import Field

from oof.app.read_pnl import read_pnl_totals
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.positions.headline import WalletWorth, headline
from oof.domain.rollups.metrics import (
    LEAST_RESULTS,
    DayResult,
    Fall,
    Lack,
    Metric,
    Overview,
    Streak,
    Streaks,
    overview,
)
from oof.domain.rollups.windows import roi_of
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.domain.windows import AskedDays, day_date
from oof.entrypoints.http.bodies import Body, LamportsText, MaybeTime, shown_by, utc_or_none
from oof.entrypoints.http.caching import caching_headers
from oof.entrypoints.http.examples import WALLET
from oof.entrypoints.http.parameters import (
    AddressPath,
    FromDayQuery,
    ToDayQuery,
    WindowQuery,
    parse_asked_days,
)
from oof.entrypoints.http.usd_bodies import UsdText, text
from oof.entrypoints.http.window_bodies import WINDOW, WindowBody, window_body
from oof.ports.pnl_days import PnlTotals
from oof.ports.system import unix_now

_SAMPLE: Final = f"null below {LEAST_RESULTS} of them"
_RATIO: Final = "6 decimals"
_METRICS: Final = (
    "win_rate",
    "profit_factor",
    "expectancy_usd",
    "average_win_usd",
    "average_loss_usd",
)
EXAMPLE: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "folding": False,
    "valuing": False,
    "method": "fifo",
    "window": WINDOW,
    "realized_usd": "120.00000000",
    "realized_lamports": "800000000",
    "fees_usd": "1.25000000",
    "volume_usd": "640.00000000",
    "cost_usd": "250.00000000",
    "proceeds_usd": "371.25000000",
    "roi": "0.480000",
    "buys": 7,
    "exits": 8,
    "wins": 5,
    "losses": 2,
    "win_rate": "0.714286",
    "profit_factor": "4.000000",
    "expectancy_usd": "17.14285714",
    "average_win_usd": "32.00000000",
    "average_loss_usd": None,
    "max_drawdown": {
        "usd": "40.00000000",
        "peak_day": "2025-05-11",
        "trough_day": "2025-05-19",
    },
    "streaks": {
        "winning": {"days": 3, "first_day": "2025-05-05", "last_day": "2025-05-11"},
        "losing": {"days": 2, "first_day": "2025-05-18", "last_day": "2025-05-19"},
        "current": {"days": 1, "first_day": "2025-06-01", "last_day": "2025-06-01"},
        "current_is_winning": True,
    },
    "best_day": {"day": "2025-06-01", "realized_usd": "70.00000000"},
    "worst_day": {"day": "2025-05-19", "realized_usd": "-30.00000000"},
    "active_days": 9,
    "result_days": 6,
    "reasons": {"average_loss_usd": "too_few_results"},
    "now": {
        "value_usd": "91.00000000",
        "unrealized_usd": "-9.50000000",
        "prices_as_of": "2025-06-01T12:00:00Z",
        "unquoted": 1,
        "uncosted": 0,
    },
    "coverage": {
        "pending": 0,
        "unpriced": 1,
        "unvalued": 1,
        "excluded_usd": "0.00000000",
    },
}


class FallBody(Body):
    """How far the running total of realized USD fell below its highest point before."""

    usd: Annotated[UsdText, Field(description="a positive number; 0 where it never fell")]
    peak_day: Annotated[
        date | None, Field(description="null where it was highest at the begin, with 0")
    ]
    trough_day: Annotated[date | None, Field(description="null where it never fell")]

    @classmethod
    def of(cls, fall: Fall) -> "FallBody":
        """The body of a fall."""
        return cls(
            usd=text(fall.usd),
            peak_day=None if fall.peak_day is None else day_date(fall.peak_day),
            trough_day=None if fall.trough_day is None else day_date(fall.trough_day),
        )


class StreakBody(Body):
    """Days with a result that follow each other, all winning or all losing."""

    days: Annotated[int, Field(description="days with a result; others do not count")]
    first_day: date
    last_day: date

    @classmethod
    def of(cls, streak: Streak | None) -> "StreakBody | None":
        """The body of a streak."""
        if streak is None:
            return None
        first, last = day_date(streak.first_day), day_date(streak.last_day)
        return cls(days=streak.days, first_day=first, last_day=last)


class StreaksBody(Body):
    """Streaks of days: winning where realized USD are above zero, losing below."""

    winning: Annotated[StreakBody | None, Field(description="the longest; null of none")]
    losing: Annotated[StreakBody | None, Field(description="the longest; null of none")]
    current: Annotated[
        StreakBody | None, Field(description="null where the newest result was exactly nothing")
    ]
    current_is_winning: bool | None

    @classmethod
    def of(cls, found: Streaks) -> "StreaksBody":
        """The body of streaks."""
        return cls(
            winning=StreakBody.of(found.winning),
            losing=StreakBody.of(found.losing),
            current=StreakBody.of(found.current),
            current_is_winning=found.is_winning,
        )


class DayResultBody(Body):
    """A UTC day with a result."""

    day: date
    realized_usd: UsdText

    @classmethod
    def of(cls, found: DayResult | None) -> "DayResultBody | None":
        """The body of a day."""
        if found is None:
            return None
        return cls(day=day_date(found.day), realized_usd=text(found.realized_usd))


class HeldNowBody(Body):
    """What is held now, whatever the window, at the newest price of the last hour."""

    value_usd: UsdText
    unrealized_usd: Annotated[
        UsdText, Field(description="worth now, less cost and fees, where all three are known")
    ]
    prices_as_of: Annotated[MaybeTime, Field(description="of the oldest price; null of none")]
    unquoted: Annotated[int, Field(description="tokens held without a price: in neither sum")]
    uncosted: Annotated[int, Field(description="tokens held of which some cost is not known")]


class ResultCoverageBody(Body):
    """What is in no result, within the window."""

    pending: Annotated[int, Field(description="exits that wait for a price")]
    unpriced: Annotated[int, Field(description="exits that nobody knows a price of")]
    unvalued: Annotated[int, Field(description="trades either way that are in no volume")]
    excluded_usd: Annotated[
        UsdText, Field(description="got for units of unknown cost or of no known lot")
    ]


class PnlOverviewBody(Body):
    """Sums and metrics over all tokens, SOL and dollars aside: FIFO, net of fees.

    A result is an exit with a profit in USD above or below zero; it counts on the UTC day of its
    sale. Trades whose time nobody knows are in sums under `all`, and on no day.
    """

    model_config = shown_by(EXAMPLE)

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="everything up to it is counted")]
    folding: Annotated[bool, Field(description="something newer or older is about to be counted")]
    valuing: Annotated[bool, Field(description="trades wait to be valued in USD")]
    method: Literal["fifo"] = "fifo"
    window: Annotated[WindowBody, Field(description="the days that are covered")]
    realized_usd: Annotated[UsdText, Field(description="proceeds_usd - cost_usd - fees_usd")]
    realized_lamports: Annotated[
        LamportsText, Field(description="of exits whose every part is known in SOL")
    ]
    fees_usd: Annotated[UsdText, Field(description="on entry and exit, of `realized_usd`")]
    volume_usd: Annotated[UsdText, Field(description="bought and sold")]
    cost_usd: UsdText
    proceeds_usd: UsdText
    roi: Annotated[
        str | None,
        Field(description=f"realized_usd / cost_usd, {_RATIO}; null where no cost is known"),
    ]
    buys: int
    exits: int
    wins: Annotated[int, Field(description="results above zero")]
    losses: Annotated[int, Field(description="results below zero")]
    win_rate: Annotated[
        str | None, Field(description=f"wins / (wins + losses), {_RATIO}; {_SAMPLE}")
    ]
    profit_factor: Annotated[
        str | None,
        Field(
            description=f"profits / losses, both positive, {_RATIO}; {_SAMPLE}, or without a loss"
        ),
    ]
    expectancy_usd: Annotated[
        str | None, Field(description=f"realized_usd / (wins + losses), USD a result; {_SAMPLE}")
    ]
    average_win_usd: Annotated[str | None, Field(description=f"profits / wins, USD; {_SAMPLE}")]
    average_loss_usd: Annotated[
        str | None, Field(description=f"losses / losses counted, USD, positive; {_SAMPLE}")
    ]
    max_drawdown: Annotated[
        FallBody | None,
        Field(
            description="the deepest fall of the running total of realized USD, day by day, which "
            "begins with 0 before the window's first day; null without a day with a result"
        ),
    ]
    streaks: Annotated[StreaksBody | None, Field(description="null without a day with a result")]
    best_day: Annotated[DayResultBody | None, Field(description="the earliest of equals")]
    worst_day: Annotated[DayResultBody | None, Field(description="the earliest of equals")]
    active_days: Annotated[int, Field(description="UTC days with a trade, either way")]
    result_days: Annotated[int, Field(description="UTC days with a result")]
    reasons: Annotated[dict[str, Lack], Field(description="why metrics that are null are")]
    now: HeldNowBody
    coverage: ResultCoverageBody


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.get(
        "/v1/wallets/<address>/pnl-overview",
        summary="How good a wallet's results were",
        description="Sums and metrics over the tokens of a window, or of days from one to another. "
        "Windows were summed before they are asked for; `window` says for which days. Three round "
        "trips to the database.",
        tags=["positions"],
        operation_id="getPnlOverview",
    )
    def get_pnl_overview(
        address: AddressPath,
        window: WindowQuery = None,
        since: FromDayQuery = None,
        until: ToDayQuery = None,
    ) -> Response[PnlOverviewBody]:
        wallet = parse_address(address, field="address")
        asked = parse_asked_days(window, since, until, clock=deps.clock)
        found = read_pnl_totals(deps.pnl, wallet, asked, at=unix_now(deps.clock))
        body = overview_body(wallet, asked, found)
        headers = caching_headers(body.state, body, tag=(found.head.wallet.epoch,))
        return Response(HTTPStatus.OK, "application/json", body, headers)


def overview_body(wallet: Address, asked: AskedDays, found: PnlTotals) -> PnlOverviewBody:
    """The body of what some days came to."""
    sums = found.figures
    told = overview(sums, found.days)
    return PnlOverviewBody.model_validate(
        {
            "address": wallet,
            "state": found.head.wallet.state,
            "as_of_slot": found.head.folded_slot,
            "folding": found.head.is_folding,
            "valuing": found.is_valuing,
            "window": window_body(asked, covered=found.span),
            "realized_usd": text(sums.realized_usd),
            "realized_lamports": str(sums.realized_lamports),
            "fees_usd": text(sums.fees_usd),
            "volume_usd": text(sums.volume_usd),
            "cost_usd": text(sums.cost_usd),
            "proceeds_usd": text(sums.proceeds_usd),
            "roi": ratio_text(roi_of(sums)),
            "buys": sums.buys,
            "exits": sums.exits,
            "wins": sums.wins,
            "losses": sums.losses,
            **{name: ratio_text(_metric(told, name).value) for name in _METRICS},
            "max_drawdown": None if told.max_drawdown is None else FallBody.of(told.max_drawdown),
            "streaks": None if told.streaks is None else StreaksBody.of(told.streaks),
            "best_day": DayResultBody.of(told.best_day),
            "worst_day": DayResultBody.of(told.worst_day),
            "active_days": told.active_days,
            "result_days": told.result_days,
            "reasons": {
                name: _metric(told, name).lack
                for name in _METRICS
                if _metric(told, name).lack is not None
            },
            "now": _now(found),
            "coverage": ResultCoverageBody(
                pending=sums.pending,
                unpriced=sums.unpriced,
                unvalued=sums.unvalued,
                excluded_usd=text(sums.excluded_usd),
            ),
        }
    )


def ratio_text(value: Decimal | None) -> str | None:
    """Text of a ratio or an average, digits and all; None stays none."""
    return None if value is None else f"{value:f}"


def _metric(told: Overview, name: str) -> Metric:
    metric: Metric = getattr(told, name)
    return metric


def _now(found: PnlTotals) -> HeldNowBody:
    pnl = headline(WalletWorth(found.figures, 0, found.held))
    return HeldNowBody(
        value_usd=text(pnl.value_usd),
        unrealized_usd=text(pnl.unrealized_usd),
        prices_as_of=utc_or_none(pnl.prices_as_of),
        unquoted=pnl.unquoted,
        uncosted=pnl.uncosted,
    )
