"""`/v1/wallets/{address}/pnl-chart` and `/pnl-calendar`: what was realized, day by day."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import Field

from oof.app.read_pnl import read_pnl_days
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.positions.days import DayFigures
from oof.domain.positions.money import NO_USD, sum_usd
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address
from oof.domain.windows import NO_DAY, AskedDays, day_date
from oof.entrypoints.http.bodies import Body, LamportsText, shown_by
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
from oof.ports.pnl_days import PnlDays

_FIGURES: Final[dict[str, Any]] = {
    "realized_usd": "120.00000000",
    "realized_lamports": "800000000",
    "fees_usd": "1.25000000",
    "volume_usd": "640.00000000",
    "exits": 2,
    "wins": 1,
    "losses": 1,
    "pending": 0,
    "unpriced": 0,
}
_HEAD: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "folding": False,
    "method": "fifo",
    "window": WINDOW,
}
EXAMPLE: Final[dict[str, Any]] = {
    **_HEAD,
    "items": [
        {
            "day": "2025-06-01",
            "total_usd": "120.00000000",
            "total_lamports": "800000000",
            **_FIGURES,
        }
    ],
    "undated": {**_FIGURES, "exits": 1, "wins": 1, "losses": 0},
}
CALENDAR_EXAMPLE: Final[dict[str, Any]] = {
    **_HEAD,
    "items": [{"day": "2025-06-01", "buys": 1, **_FIGURES}],
}


class PnlFiguresBody(Body):
    """Sums over the exits of some day: tokens alone, FIFO, net of fees."""

    realized_usd: Annotated[
        UsdText, Field(description="of exits whose every part has a price in USD")
    ]
    realized_lamports: Annotated[
        LamportsText, Field(description="of exits whose every part is known in SOL")
    ]
    fees_usd: Annotated[UsdText, Field(description="within `realized_usd`")]
    volume_usd: Annotated[UsdText, Field(description="bought and sold")]
    exits: int
    wins: Annotated[int, Field(description="exits above zero in USD")]
    losses: Annotated[int, Field(description="exits below zero in USD")]
    pending: Annotated[int, Field(description="exits in no USD yet: they wait for a price")]
    unpriced: Annotated[int, Field(description="exits in no USD: nobody knows a price")]


class PnlDayBody(PnlFiguresBody):
    """One UTC day, and what all days of the window up to its end came to."""

    day: date
    total_usd: Annotated[
        UsdText, Field(description="from the window's first day on: it begins there at 0")
    ]
    total_lamports: Annotated[LamportsText, Field(description="of the same days")]


class PnlCalendarDayBody(PnlFiguresBody):
    """One UTC day."""

    day: date
    buys: int


class _DaysBody(Body):
    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="everything up to it is counted")]
    folding: Annotated[bool, Field(description="something newer or older is about to be counted")]
    method: Literal["fifo"] = "fifo"
    window: WindowBody


class PnlChartBody(_DaysBody):
    """Every day with a trade, oldest first."""

    model_config = shown_by(EXAMPLE)

    items: list[PnlDayBody]
    undated: Annotated[
        PnlFiguresBody | None,
        Field(description="of trades whose time nobody knows, under `all`: in no total"),
    ]


class PnlCalendarBody(_DaysBody):
    """Every day with a trade, oldest first; days without one are left out."""

    model_config = shown_by(CALENDAR_EXAMPLE)

    items: list[PnlCalendarDayBody]


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""
    _register_chart(app, deps)
    _register_calendar(app, deps)


def _register_chart(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/pnl-chart",
        summary="What was realized, day by day",
        description="UTC days with a trade, oldest first, each with what the window's days up to "
        "it came to. Days without one are left out: the total stands. Two round trips to the "
        "database.",
        tags=["positions"],
        operation_id="getPnlChart",
    )
    def get_pnl_chart(
        address: AddressPath,
        window: WindowQuery = None,
        since: FromDayQuery = None,
        until: ToDayQuery = None,
    ) -> Response[PnlChartBody]:
        wallet = parse_address(address, field="address")
        asked = parse_asked_days(window, since, until, clock=deps.clock)
        found = read_pnl_days(deps.pnl, wallet, asked.span)
        body = pnl_chart_body(wallet, asked, found)
        headers = caching_headers(body.state, body, tag=(found.head.wallet.epoch,))
        return Response(HTTPStatus.OK, "application/json", body, headers)


def _register_calendar(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/pnl-calendar",
        summary="What each day came to",
        description="UTC days with a trade, oldest first, for a heat map; what has no known time "
        "is on none. Two round trips to the database.",
        tags=["positions"],
        operation_id="getPnlCalendar",
    )
    def get_pnl_calendar(
        address: AddressPath,
        window: WindowQuery = None,
        since: FromDayQuery = None,
        until: ToDayQuery = None,
    ) -> Response[PnlCalendarBody]:
        wallet = parse_address(address, field="address")
        asked = parse_asked_days(window, since, until, clock=deps.clock)
        found = read_pnl_days(deps.pnl, wallet, asked.span)
        days = [
            PnlCalendarDayBody(day=day_date(day), buys=figures.buys, **_shown(figures))
            for day, figures in found.days
            if day != NO_DAY
        ]
        body = PnlCalendarBody(**_head(wallet, asked, found), items=days)
        headers = caching_headers(body.state, body, tag=(found.head.wallet.epoch,))
        return Response(HTTPStatus.OK, "application/json", body, headers)


def pnl_chart_body(wallet: Address, asked: AskedDays, found: PnlDays) -> PnlChartBody:
    """The body of a wallet's days."""
    undated = next((each.figures for each in found.days if each.day == NO_DAY), None)
    items: list[PnlDayBody] = []
    usd, lamports = NO_USD, 0
    for day, figures in found.days:
        if day == NO_DAY:
            continue
        usd = sum_usd((usd, figures.realized_usd))
        lamports += figures.realized_lamports
        totals: dict[str, Any] = {"total_usd": text(usd), "total_lamports": str(lamports)}
        items.append(PnlDayBody(day=day_date(day), **totals, **_shown(figures)))
    return PnlChartBody(
        **_head(wallet, asked, found),
        items=items,
        undated=None if undated is None else PnlFiguresBody(**_shown(undated)),
    )


def _head(wallet: Address, asked: AskedDays, found: PnlDays) -> dict[str, Any]:
    return {
        "address": wallet,
        "state": found.head.wallet.state,
        "as_of_slot": found.head.folded_slot,
        "folding": found.head.is_folding,
        "window": window_body(asked),
    }


def _shown(figures: DayFigures) -> dict[str, Any]:
    return {
        "realized_usd": text(figures.realized_usd),
        "realized_lamports": str(figures.realized_lamports),
        "fees_usd": text(figures.fees_usd),
        "volume_usd": text(figures.volume_usd),
        "exits": figures.exits,
        "wins": figures.wins,
        "losses": figures.losses,
        "pending": figures.pending,
        "unpriced": figures.unpriced,
    }
