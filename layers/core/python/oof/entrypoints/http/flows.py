"""`/v1/wallets/{address}/flows`: what came in and went out by transfer, by counterparty."""

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from oof.app.read_flows import read_flows
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.snapshot.activity import FLOW
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import Amount
from oof.domain.units import SOL_DECIMALS, SOL_MINT, Address, RawAmount
from oof.domain.windows import AskedDays, day_date
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.bodies import AmountBody, Body, LabelBody, label_body, shown_by
from oof.entrypoints.http.caching import caching_headers
from oof.entrypoints.http.examples import AMOUNT, LABEL, WALLET
from oof.entrypoints.http.parameters import (
    DEFAULT_LIMIT,
    AddressPath,
    CursorQuery,
    FromDayQuery,
    LimitQuery,
    ToDayQuery,
    WindowQuery,
    parse_asked_days,
)
from oof.entrypoints.http.window_bodies import WINDOW, WindowBody, window_body
from oof.ports.flow_pages import (
    MAX_MINTS,
    FlowFilter,
    FlowPage,
    FlowPageKey,
    FlowRecord,
    MintFlow,
)

_OTHER: Final = "2ojv9BAiHUrvsm9gxDe7fJSzbNZSJcxZvf8dqmWGHG8S"
EXAMPLE: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "window": WINDOW,
    "direction": "all",
    "totals": {
        "in_transfers": 3,
        "out_transfers": 1,
        "sol_in": AMOUNT,
        "sol_out": AMOUNT,
        "marked_transfers": 12,
        "sol_marked": AMOUNT,
    },
    "items": [
        {
            "counterparty": _OTHER,
            "label": LABEL,
            "first_day": "2025-05-09",
            "last_day": "2025-06-01",
            "in_transfers": 2,
            "out_transfers": 1,
            "mints": [{"in_transfers": 2, "received": AMOUNT, "out_transfers": 1, "sent": AMOUNT}],
            "mints_count": 1,
        }
    ],
    "next_cursor": None,
}
DirectionQuery = Annotated[
    FlowFilter,
    Query(
        description="counterparties that sent something (in), got something (out), either (all), "
        "or sent spam or dust (marked); sums are of that alone, and only marked counts spam or dust"
    ),
]


class MintFlowBody(Body):
    """What went either way of one mint, within the days."""

    in_transfers: int
    received: Annotated[AmountBody, Field(description="sum of what came in")]
    out_transfers: int
    sent: Annotated[AmountBody, Field(description="sum of what went out; not negative")]


class FlowBody(Body):
    """All transfers between the wallet and one counterparty, within the days."""

    counterparty: Annotated[
        str | None, Field(description="null: all transfers whose other side is not known")
    ]
    label: Annotated[LabelBody | None, Field(description="null of addresses not known")]
    first_day: Annotated[date | None, Field(description="UTC; null where no time is known")]
    last_day: Annotated[date | None, Field(description="UTC; null where no time is known")]
    in_transfers: int
    out_transfers: int
    mints: Annotated[
        list[MintFlowBody], Field(description=f"most transfers first, at most {MAX_MINTS}")
    ]
    mints_count: Annotated[int, Field(description="of all, shown or not")]


class FlowTotalsBody(Body):
    """All transfers of the wallet within the days, whatever is asked for."""

    in_transfers: Annotated[int, Field(description="without spam and dust")]
    out_transfers: int
    sol_in: Annotated[AmountBody, Field(description="SOL that came in, without dust")]
    sol_out: Annotated[AmountBody, Field(description="SOL that went out; not negative")]
    marked_transfers: Annotated[int, Field(description="came in as spam or dust")]
    sol_marked: Annotated[AmountBody, Field(description="SOL that came in so")]


class FlowsBody(Body):
    """Counterparties, the one dealt with last first."""

    model_config = shown_by(EXAMPLE)

    address: str
    state: WalletState
    as_of_slot: int | None
    window: WindowBody
    direction: FlowFilter
    totals: FlowTotalsBody
    items: list[FlowBody]
    next_cursor: str | None


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.get(
        "/v1/wallets/<address>/flows",
        summary="What came in and went out by transfer, by counterparty",
        description="Movements of kind `transfer`, summed by counterparty and mint over whole UTC "
        "days; trades, fees and rewards are none. The counterparty dealt with last within the days "
        "is first. What comes in while pages are read may move a counterparty to the front. Three "
        "round trips to the database.",
        tags=["wallets"],
        operation_id="listFlows",
    )
    def list_flows(  # noqa: PLR0913 - one parameter a filter, as the route documents them
        address: AddressPath,
        *,
        window: WindowQuery = None,
        since: FromDayQuery = None,
        until: ToDayQuery = None,
        direction: DirectionQuery = FlowFilter.ALL,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[FlowsBody]:
        wallet = parse_address(address, field="address")
        asked = parse_asked_days(window, since, until, clock=deps.clock)
        filters = {
            "window": None if asked.window is None else asked.window.value,
            "from": None if asked.window is not None else str(asked.span.first),
            "to": None if asked.window is not None else str(asked.span.last),
            "direction": direction.value,
        }
        scope = CursorScope(path=f"/v1/wallets/{wallet}/flows", filters=filters, order="day_desc")
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else FlowPageKey(*last)
        page = read_flows(deps.flows, wallet, asked.span, direction, after=after, limit=limit)
        body = flows_body(wallet, asked, direction, page, pages.following(page.next_key))
        headers = caching_headers(body.state, body, tag=(page.head.epoch,))
        return Response(HTTPStatus.OK, "application/json", body, headers)


def flows_body(
    wallet: Address, asked: AskedDays, direction: FlowFilter, page: FlowPage, cursor: str | None
) -> FlowsBody:
    """The body of a page of counterparties."""
    return FlowsBody(
        address=wallet,
        state=page.head.state,
        as_of_slot=page.head.as_of_slot,
        window=window_body(asked),
        direction=direction,
        totals=_totals(page.totals),
        items=[_flow(record) for record in page.records],
        next_cursor=cursor,
    )


def _totals(counters: Mapping[str, int]) -> FlowTotalsBody:
    def sol(name: str) -> AmountBody:
        raw = RawAmount(counters.get(f"{FLOW}sol_{name}", 0))
        return AmountBody.of(Amount(raw=raw, decimals=SOL_DECIMALS, mint=SOL_MINT))

    return FlowTotalsBody(
        in_transfers=counters.get(f"{FLOW}in", 0),
        out_transfers=counters.get(f"{FLOW}out", 0),
        sol_in=sol("in"),
        sol_out=sol("out"),
        marked_transfers=counters.get(f"{FLOW}marked", 0),
        sol_marked=sol("marked"),
    )


def _flow(record: FlowRecord) -> FlowBody:
    return FlowBody(
        counterparty=record.counterparty,
        label=label_body(record.counterparty),
        first_day=None if record.first_day is None else day_date(record.first_day),
        last_day=None if record.last_day is None else day_date(record.last_day),
        in_transfers=record.in_transfers,
        out_transfers=record.out_transfers,
        mints=[_mint(each) for each in record.mints],
        mints_count=record.mints_count,
    )


def _mint(flow: MintFlow) -> MintFlowBody:
    def amount(raw: int) -> AmountBody:
        return AmountBody.of(Amount(RawAmount(raw), flow.decimals, flow.mint, flow.symbol))

    return MintFlowBody(
        in_transfers=flow.in_transfers,
        received=amount(flow.in_raw),
        out_transfers=flow.out_transfers,
        sent=amount(flow.out_raw),
    )
