"""`/v1/wallets/{address}/holdings/history`: what was held at the end of each day."""

from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from oof.app.read_holding_days import HoldingHistory, read_holding_days
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.positions.held_values import Held, HeldOnDay
from oof.domain.prices.candles import Source
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import Amount
from oof.domain.units import Address, RawAmount
from oof.domain.windows import AskedDays, day_date
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.bodies import AmountBody, Body, shown_by, utc
from oof.entrypoints.http.caching import caching_headers
from oof.entrypoints.http.examples import AMOUNT, WALLET
from oof.entrypoints.http.parameters import (
    AddressPath,
    CursorQuery,
    FromDayQuery,
    ToDayQuery,
    WindowQuery,
    parse_asked_days,
)
from oof.entrypoints.http.usd_bodies import MaybeUsd, UsdText, text
from oof.entrypoints.http.window_bodies import WINDOW, WindowBody, window_body
from oof.ports.holding_days import MAX_SPANS

DEFAULT_DAYS: Final = 30
MAX_DAYS: Final = 31
DEFAULT_TOP: Final = 10
MAX_TOP: Final = 50
EXAMPLE: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "folding": False,
    "history_partial": False,
    "window": WINDOW,
    "undated_transactions": 0,
    "complete": True,
    "items": [
        {
            "day": "2025-06-01",
            "value_usd": "225.00000000",
            "tokens": 2,
            "unpriced": 1,
            "holdings": [
                {
                    "amount": AMOUNT,
                    "value_usd": "225.00000000",
                    "price_usd": "150",
                    "priced_at": "2025-06-01T23:00:00Z",
                    "source": "pyth",
                }
            ],
        }
    ],
    "next_cursor": None,
}
DaysQuery = Annotated[int, Query(ge=1, le=MAX_DAYS, description="days a page")]
TopQuery = Annotated[int, Query(ge=0, le=MAX_TOP, description="holdings told of each day")]


class HeldBody(Body):
    """What was held of one mint at the end of a day."""

    amount: AmountBody
    value_usd: Annotated[MaybeUsd, Field(description="at that day's closing price")]
    price_usd: Annotated[str | None, Field(description="USD of one whole token; null without one")]
    priced_at: Annotated[
        datetime | None, Field(description="start of the day's last bucket with a price, UTC")
    ]
    source: Annotated[Source | None, Field(description="who told the price")]


class HoldingsDayBody(Body):
    """What was held at the end of a UTC day; of the running one, by now."""

    day: date
    value_usd: Annotated[UsdText, Field(description="of all that has a price of that day")]
    tokens: Annotated[int, Field(description="mints of which anything was held, SOL included")]
    unpriced: Annotated[int, Field(description="of them, in no value: no price of that day")]
    holdings: Annotated[
        list[HeldBody], Field(description="the dearest first, then those without a price")
    ]


class HoldingsHistoryBody(Body):
    """Every day, newest first, back to the oldest known transaction."""

    model_config = shown_by(EXAMPLE)

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="everything up to it is counted")]
    folding: Annotated[bool, Field(description="something newer or older is about to be counted")]
    history_partial: Annotated[
        bool,
        Field(
            description="not all of the history is stored: quantities are what is stored comes to, "
            "from what each account held before it"
        ),
    ]
    window: WindowBody
    undated_transactions: Annotated[
        int, Field(description="their time is not known: what they changed is in no day yet")
    ]
    complete: Annotated[
        bool, Field(description=f"false: more than {MAX_SPANS} quantities, the latest are counted")
    ]
    items: list[HoldingsDayBody]
    next_cursor: str | None


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.get(
        "/v1/wallets/<address>/holdings/history",
        summary="What was held at the end of each day",
        description="One entry a UTC day, newest first, a quantity standing until it changes: "
        "units in the wallet's own accounts, without what is staked, lent, pooled or escrowed. "
        "Worth is told at the day's closing price, the close of its last bucket; without one it is "
        "missing and counted. Three round trips to the database.",
        tags=["wallets"],
        operation_id="listHoldingsHistory",
    )
    def list_holdings_history(  # noqa: PLR0913 - one parameter a filter
        address: AddressPath,
        *,
        window: WindowQuery = None,
        since: FromDayQuery = None,
        until: ToDayQuery = None,
        top: TopQuery = DEFAULT_TOP,
        limit: DaysQuery = DEFAULT_DAYS,
        cursor: CursorQuery = None,
    ) -> Response[HoldingsHistoryBody]:
        wallet = parse_address(address, field="address")
        asked = parse_asked_days(window, since, until, clock=deps.clock)
        filters = {
            "window": None if asked.window is None else asked.window.value,
            "from": None if asked.window is not None else str(asked.span.first),
            "to": None if asked.window is not None else str(asked.span.last),
        }
        path = f"/v1/wallets/{wallet}/holdings/history"
        pages = Pages(deps.cursor_keys(), CursorScope(path=path, filters=filters, order="day_desc"))
        found = read_holding_days(
            deps.holding_days,
            wallet,
            asked.span,
            before=pages.last(cursor),
            limit=limit,
            top=top,
        )
        body = history_body(wallet, asked, found, pages.following(found.next_day))
        headers = caching_headers(body.state, body, tag=(found.head.wallet.epoch,))
        return Response(HTTPStatus.OK, "application/json", body, headers)


def history_body(
    wallet: Address, asked: AskedDays, found: HoldingHistory, cursor: str | None
) -> HoldingsHistoryBody:
    """The body of some days."""
    return HoldingsHistoryBody(
        address=wallet,
        state=found.head.wallet.state,
        as_of_slot=found.head.folded_slot,
        folding=found.head.is_folding,
        history_partial=found.head.is_history_partial,
        window=window_body(asked),
        undated_transactions=found.undated,
        complete=not found.is_cut,
        items=[_day(each) for each in found.days],
        next_cursor=cursor,
    )


def _day(found: HeldOnDay) -> HoldingsDayBody:
    return HoldingsDayBody(
        day=day_date(found.day),
        value_usd=text(found.value_usd),
        tokens=found.mints,
        unpriced=found.unpriced,
        holdings=[_held(each) for each in found.top],
    )


def _held(held: Held) -> HeldBody:
    price = held.price
    amount = Amount(RawAmount(held.raw), held.decimals, held.mint, held.symbol)
    return HeldBody(
        amount=AmountBody.of(amount),
        value_usd=None if held.value_usd is None else text(held.value_usd),
        price_usd=None if price is None else f"{price.usd:f}",
        priced_at=None if price is None else utc(price.start),
        source=None if price is None else price.source,
    )
