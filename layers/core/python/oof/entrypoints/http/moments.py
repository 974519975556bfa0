"""`/v1/moments…` and `/v1/wallets/{address}/extremes`: what is worth telling, and why."""

import re
from decimal import Decimal, InvalidOperation
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from oof.app.read_moments import explain_moment, list_moments, read_extremes
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.errors import InvalidInput
from oof.domain.moments.model import MomentId, MomentKind
from oof.domain.units import Address
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.caching import caching_headers
from oof.entrypoints.http.moment_bodies import (
    ExtremesBody,
    MomentDetailBody,
    MomentsBody,
    extremes_body,
    moment_detail_body,
    moments_body,
)
from oof.entrypoints.http.moment_csv import moments_csv
from oof.entrypoints.http.parameters import (
    DEFAULT_LIMIT,
    AddressPath,
    CursorQuery,
    Form,
    FormQuery,
    LimitQuery,
    parse_time,
)
from oof.entrypoints.http.position_csv import CSV
from oof.ports.moment_pages import MomentFilter, MomentKey

JSON: Final = "application/json"
_PATH: Final = "/v1/moments"
_ID: Final = re.compile(r"[0-9a-f]{32}")
_MAX_USD: Final = 30
"""Characters of an amount of money."""


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""
    _register_list(app, deps)
    _register_detail(app, deps)
    _register_extremes(app, deps)


def parse_kinds(text: str | None, *, field: str) -> frozenset[MomentKind] | None:
    """Read kinds with commas between; None for all. Raises InvalidInput naming `field`."""
    if text is None:
        return None
    try:
        return frozenset(MomentKind(name.strip()) for name in text.split(","))
    except ValueError:
        known = ", ".join(MomentKind)
        raise InvalidInput(field, f"one or more of {known}, with commas between") from None


def parse_usd(text: str | None, *, field: str) -> Decimal | None:
    """Read an amount of dollars, at least 0. Raises InvalidInput naming `field`."""
    if text is None:
        return None
    refused = InvalidInput(field, "an amount of USD of at least 0, such as 25 or 0.5")
    try:
        usd = Decimal(text)
    except InvalidOperation:
        raise refused from None
    if len(text) > _MAX_USD or "e" in text.lower() or not usd.is_finite() or usd < 0:
        raise refused
    return usd


def _register_list(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        _PATH,
        summary="A wallet's moments, newest first",
        description="What detectors found in a wallet's history and prices: what it cost or made "
        "in USD, with the weakest source and confidence it rests on. Found again as prices and "
        "transactions arrive; a moment whose window is open says so in `provisional`. Evidence is "
        "at `/v1/moments/{moment_id}`. Two round trips to the database.",
        tags=["moments"],
        operation_id="listMoments",
    )
    def get_moments(  # noqa: PLR0913 - one parameter a filter, as the route documents them
        *,
        wallet: Annotated[str, Query(description="its address: base58 of 32 bytes")],
        kinds: Annotated[
            str | None, Query(description="with commas between, such as S2E,RUG; all if left out")
        ] = None,
        since: Annotated[str | None, Query(description="ISO-8601, inclusive")] = None,
        min_usd: Annotated[
            str | None, Query(description="in USD, such as 25; leaves out what nobody can price")
        ] = None,
        form: FormQuery = Form.JSON,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[MomentsBody | str]:
        owner = parse_address(wallet, field="wallet")
        wanted = MomentFilter(
            parse_kinds(kinds, field="kinds"),
            parse_time(since, field="since"),
            parse_usd(min_usd, field="min_usd"),
        )
        scope = _scope(owner, wanted)
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else MomentKey(*last)
        page = list_moments(deps.moments, owner, wanted, after=after, limit=limit)
        following = pages.following(page.next_key)
        body = moments_body(owner, page, following)
        headers = caching_headers(body.state, body, tag=(page.head.wallet.epoch, form.value))
        if form is Form.JSON:
            return Response(HTTPStatus.OK, JSON, body, headers)
        if following is not None:
            asked = {"wallet": owner, "kinds": kinds, "since": since, "min_usd": min_usd}
            headers |= _link(asked | {"format": "csv", "limit": limit, "cursor": following})
        return Response(HTTPStatus.OK, CSV, moments_csv(body.items), headers)


def _register_detail(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        f"{_PATH}/<moment_id>",
        summary="One moment, with all it rests on",
        description="Formulas, inputs, thresholds, prices and lots: enough to work every number "
        "out again. A moment that is taken back, because more became known, is not found any more. "
        "Two round trips to the database.",
        tags=["moments"],
        operation_id="explainMoment",
    )
    def get_moment(
        moment_id: Annotated[
            str,
            Path(
                description="32 hexadecimal digits in lower case",
                json_schema_extra={"pattern": f"^{_ID.pattern}$"},
            ),
        ],
    ) -> Response[MomentDetailBody]:
        if not _ID.fullmatch(moment_id):
            raise InvalidInput("moment_id", "32 hexadecimal digits in lower case")
        detail = explain_moment(deps.moments, MomentId(moment_id))
        body = moment_detail_body(detail)
        headers = caching_headers(body.state, body, tag=(detail.head.wallet.epoch,))
        return Response(HTTPStatus.OK, JSON, body, headers)


def _register_extremes(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/wallets/<address>/extremes",
        summary="A wallet's dearest moments",
        description="Of each kind the moment with the highest `usd`; of equals the most severe, "
        "then the earliest, then by id. Kept up to date with the moments themselves. Two round "
        "trips to the database.",
        tags=["moments"],
        operation_id="getExtremes",
    )
    def get_extremes(address: AddressPath) -> Response[ExtremesBody]:
        wallet = parse_address(address, field="address")
        detail = read_extremes(deps.moments, wallet)
        body = extremes_body(wallet, detail)
        headers = caching_headers(body.state, body, tag=(detail.head.wallet.epoch,))
        return Response(HTTPStatus.OK, JSON, body, headers)


def _scope(wallet: Address, wanted: MomentFilter) -> CursorScope:
    filters = {
        "wallet": wallet,
        "kinds": None if wanted.kinds is None else ",".join(sorted(wanted.kinds)),
        "since": None if wanted.since is None else str(wanted.since),
        "min_usd": None if wanted.min_usd is None else f"{wanted.min_usd.normalize():f}",
    }
    return CursorScope(path=_PATH, filters=filters, order="time_desc")


def _link(asked: dict[str, Any]) -> dict[str, str]:
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return {"Link": f'<{_PATH}?{query}>; rel="next"'}
