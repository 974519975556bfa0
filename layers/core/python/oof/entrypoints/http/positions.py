"""`/v1/wallets/{address}/positions…`: what each mint came to, and why."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from oof.app.read_positions import explain_position, read_positions
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.units import Mint
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.caching import caching_headers
from oof.entrypoints.http.parameters import (
    BASE58_SCHEMA,
    DEFAULT_LIMIT,
    AddressPath,
    CursorQuery,
    Form,
    FormQuery,
    LimitQuery,
)
from oof.entrypoints.http.position_bodies import (
    PositionDetailBody,
    PositionsBody,
    detail_body,
    positions_body,
)
from oof.entrypoints.http.position_csv import CSV, positions_csv
from oof.ports.position_pages import (
    ExitKey,
    PositionFilter,
    PositionKey,
    PositionSort,
    PositionStatus,
)
from oof.ports.system import unix_now

JSON = "application/json"


MintPath = Annotated[
    str,
    Path(
        description="the mint's address; SOL and wrapped SOL are one",
        json_schema_extra={**BASE58_SCHEMA},
    ),
]


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""
    _register_list(app, deps)
    _register_detail(app, deps)


def _register_list(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/positions",
        summary="What a wallet's tokens came to",
        description="One position a mint: FIFO, profit net of fees, in SOL over units whose "
        "cost and proceeds are known in SOL, and in USD over those whose every part has a price at "
        "its own minute; what is left out stands beside it. What is held is told at the newest "
        "price of the last hour. Under `recent` and `pnl` "
        "a position that changes while pages are read changes its place; under `met` none does. "
        "Two round trips to the database.",
        tags=["positions"],
        operation_id="listPositions",
    )
    def list_positions(  # noqa: PLR0913 - one parameter a filter, as the route documents them
        address: AddressPath,
        *,
        status: Annotated[
            PositionStatus, Query(description="open: something is held or set aside")
        ] = PositionStatus.ALL,
        sort: Annotated[
            PositionSort, Query(description="latest changed, highest profit or latest met first")
        ] = PositionSort.RECENT,
        quotes: Annotated[bool, Query(description="also SOL, USDC and USDT")] = False,
        form: FormQuery = Form.JSON,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[PositionsBody | str]:
        wallet = parse_address(address, field="address")
        wanted = PositionFilter(status, sort, quotes)
        filters = {"status": status.value, "quotes": str(quotes)}
        path = f"/v1/wallets/{wallet}/positions"
        scope = CursorScope(path=path, filters=filters, order=sort.value)
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else PositionKey(*last)
        at = unix_now(deps.clock)
        page = read_positions(deps.positions, wallet, wanted, at=at, after=after, limit=limit)
        following = pages.following(page.next_key)
        body = positions_body(wallet, page, following)
        headers = caching_headers(body.state, body, tag=(page.head.wallet.epoch, form.value))
        if form is Form.JSON:
            return Response(HTTPStatus.OK, JSON, body, headers)
        if following is not None:
            asked = {**filters, "sort": sort.value, "format": "csv", "limit": limit}
            query = urlencode({**asked, "quotes": str(quotes).lower(), "cursor": following})
            headers |= {"Link": f'<{path}?{query}>; rel="next"'}
        return Response(HTTPStatus.OK, CSV, positions_csv(body.items), headers)


def _register_detail(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/positions/<mint>",
        summary="Why a position came to what it did",
        description="Open lots, episodes, and every exit with the lots it took, each with its "
        "transaction and the prices it was valued at: enough to work the profit out by hand. Pages "
        "go over the exits. Five round trips to the database.",
        tags=["positions"],
        operation_id="explainPosition",
    )
    def get_position(
        address: AddressPath,
        mint: MintPath,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[PositionDetailBody]:
        wallet = parse_address(address, field="address")
        token = Mint(parse_address(mint, field="mint"))
        path = f"/v1/wallets/{wallet}/positions/{token}"
        scope = CursorScope(path=path, filters={}, order="chain_desc")
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else ExitKey(*last)
        at = unix_now(deps.clock)
        detail = explain_position(deps.positions, wallet, token, at=at, after=after, limit=limit)
        following = pages.following(detail.next_key)
        body = detail_body(wallet, detail, following)
        headers = caching_headers(body.state, body, tag=(detail.head.wallet.epoch,))
        return Response(status_code=HTTPStatus.OK, content_type=JSON, headers=headers, body=body)
