"""`/v1/wallets/{address}/token-performance`: what each token came to within some days."""

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from oof.app.read_token_results import TokenAsk, read_token_results
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.jobs import Job
from oof.domain.windows import AskedDays, day_date
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.bodies import JobBody
from oof.entrypoints.http.caching import NO_STORE, caching_headers
from oof.entrypoints.http.caller import caller_of
from oof.entrypoints.http.jobs import job_body, job_path
from oof.entrypoints.http.parameters import (
    DEFAULT_LIMIT,
    AddressPath,
    CursorQuery,
    Form,
    FromDayQuery,
    LimitQuery,
    ToDayQuery,
    WindowQuery,
    parse_asked_days,
)
from oof.entrypoints.http.performance_bodies import CSV, TokenResultsBody, tokens_body, tokens_csv
from oof.entrypoints.problems import InvalidCursor
from oof.ports.token_results import SortOrder, TokenKey, TokenOrder, TokenSort

_JSON: Final = "application/json"
_VARY: Final = {"Vary": "Accept"}

FormatQuery = Annotated[
    Form | None,
    Query(
        alias="format",
        description="csv: its `Link` header leads to the next page; by `Accept` unless given",
    ),
]


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.get(
        "/v1/wallets/<address>/token-performance",
        summary="What each token came to",
        description="One row a token traded within the days, SOL and dollars aside: FIFO, profit "
        "net of fees. Windows are summed before anybody asks; `window` says for which days. Days "
        "from one to another are summed once, for whoever asks: the first answer is 202 with a "
        "job, after which the same request is the answer. `Accept: text/csv`, or `format=csv`, "
        "gives lines. A token that trades while pages of a window are read may change its place; "
        "over other days none does. At most three round trips to the database, two for a window; "
        "at most nine round trips to the hot table, none but for days that are to be summed.",
        tags=["positions"],
        operation_id="listTokenPerformance",
    )
    def list_token_performance(  # noqa: PLR0913 - one parameter a filter, as the route documents
        address: AddressPath,
        *,
        window: WindowQuery = None,
        since: FromDayQuery = None,
        until: ToDayQuery = None,
        sort: Annotated[
            TokenSort, Query(description="by slot, USD or ratio; tokens without one come last")
        ] = TokenSort.LAST_TRADE,
        order: Annotated[SortOrder, Query(description="which end comes first")] = SortOrder.DESC,
        form: FormatQuery = None,
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[TokenResultsBody | JobBody | str]:
        wallet = parse_address(address, field="address")
        asked = parse_asked_days(window, since, until, clock=deps.clock)
        filters = _filters(asked)
        path = f"/v1/wallets/{wallet}/token-performance"
        scope = CursorScope(path=path, filters=filters, order=f"{sort} {order}")
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        ask = TokenAsk(
            wallet=wallet,
            days=asked,
            wanted=TokenOrder(sort, order),
            after=None if last is None else TokenKey(*last),
            limit=limit,
            caller=caller_of(app),
        )
        found = read_token_results(deps.token_results, deps.view_asks, ask)
        if isinstance(found, Job):
            return _accepted(deps, found, caller=ask.caller)
        if found.span is None:
            raise InvalidCursor("cursor: what it pages through has expired; ask anew")
        following = pages.following(found.next_key)
        body = tokens_body(ask, found, following)
        wanted_form = form or _accepted_form(app)
        tag = (found.head.wallet.epoch, wanted_form.value)
        headers = caching_headers(body.state, body, tag=tag) | _VARY
        if wanted_form is Form.JSON:
            return Response(HTTPStatus.OK, _JSON, body, headers)
        if following is not None:
            ordered = {"sort": sort.value, "order": order.value, "format": "csv", "limit": limit}
            query = urlencode({**filters, **ordered, "cursor": following})
            headers |= {"Link": f'<{path}?{query}>; rel="next"'}
        return Response(HTTPStatus.OK, CSV, tokens_csv(body.items), headers)


def _accepted(
    deps: ServeDeps, job: Job, *, caller: str
) -> Response[TokenResultsBody | JobBody | str]:
    headers = {**NO_STORE, **_VARY, "Location": job_path(job.job_id)}
    body = job_body(deps.job_views, job.job_id, caller=caller)
    return Response(HTTPStatus.ACCEPTED, _JSON, body, headers)


def _accepted_form(app: APIGatewayHttpResolver) -> Form:
    """CSV where the caller takes it and not JSON."""
    accept = str(app.current_event.headers.get("accept") or "").lower()
    kinds = {each.partition(";")[0].strip() for each in accept.split(",")}
    return Form.CSV if CSV in kinds and _JSON not in kinds else Form.JSON


def _filters(asked: AskedDays) -> dict[str, Any]:
    if asked.window is not None:
        return {"window": asked.window.value}
    first, last = day_date(asked.span.lowest), day_date(asked.span.last)
    return {"from": str(first), "to": str(last)}
