"""`/v1/analyses/…`: what is worked out for one caller, by a choice of its own."""

from http import HTTPStatus
from typing import Annotated, Final

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body as FromBody
from aws_lambda_powertools.event_handler.openapi.params import Path

from oof.app.read_view import read_view
from oof.app.request_view import ViewAsk, request_view
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.addresses import parse_address
from oof.domain.positions.group import group_choice
from oof.entrypoints.cursors import CursorScope, Pages
from oof.entrypoints.http.analysis_bodies import GroupAskBody, GroupPositionsBody, group_body
from oof.entrypoints.http.bodies import JobBody
from oof.entrypoints.http.caching import NO_STORE
from oof.entrypoints.http.caller import caller_of
from oof.entrypoints.http.jobs import job_body, job_path
from oof.entrypoints.http.parameters import (
    DEFAULT_LIMIT,
    CursorQuery,
    IdempotencyHeader,
    LimitQuery,
)
from oof.ports.views import ViewKey

_JSON: Final = "application/json"
_KEPT: Final = "private, max-age=60"
"""It is one caller's: no shared cache may keep it."""


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""
    _register_ask(app, deps)
    _register_read(app, deps)


def _register_ask(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.post(
        "/v1/analyses/positions",
        summary="Work out positions of a group of wallets, by a method of your choice",
        description="The wallets are folded as one: what moves between them keeps its lots, with "
        "basis, dates and fees. Only what is stored is read; nothing is fetched. The same request "
        "while one runs is the same job, which ends with `result`: where the positions are. At "
        "most ten round trips to the hot table.",
        tags=["analyses"],
        operation_id="analyzePositions",
        status_code=HTTPStatus.ACCEPTED,
    )
    def post_positions(
        asked: Annotated[GroupAskBody, FromBody(description="which wallets, and how")],
        idempotency_key: IdempotencyHeader = None,
    ) -> Response[JobBody]:
        choice = group_choice(
            [parse_address(each, field="wallets") for each in asked.wallets],
            method=asked.method,
            realize_exchange_transfers=asked.realize_exchange_transfers,
        )
        ask = ViewAsk(choice=choice, caller=caller_of(app), idempotency_key=idempotency_key)
        job = request_view(deps.view_asks, ask)
        return Response(
            status_code=HTTPStatus.ACCEPTED,
            content_type=_JSON,
            headers={**NO_STORE, "Location": job_path(job.job_id)},
            body=job_body(deps.job_views, job.job_id, caller=ask.caller),
        )


def _register_read(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    @app.get(
        "/v1/analyses/positions/<analysis_id>",
        summary="Positions of a group of wallets",
        description="As they were worked out for you; nobody else sees them, and they expire. "
        "Pages go from the highest realized profit in SOL down. Two round trips to the database.",
        tags=["analyses"],
        operation_id="getPositionsAnalysis",
    )
    def get_positions(
        analysis_id: Annotated[str, Path(description="as the job's `result` tells")],
        limit: LimitQuery = DEFAULT_LIMIT,
        cursor: CursorQuery = None,
    ) -> Response[GroupPositionsBody]:
        caller = caller_of(app)
        path = f"/v1/analyses/positions/{analysis_id}"
        scope = CursorScope(path=path, filters={"caller": caller}, order="pnl_desc")
        pages = Pages(deps.cursor_keys(), scope)
        last = pages.last(cursor)
        after = None if last is None else ViewKey(*last)
        page = read_view(deps.views, analysis_id, caller=caller, after=after, limit=limit)
        following = pages.following(page.next_key)
        return Response(
            status_code=HTTPStatus.OK,
            content_type=_JSON,
            headers={"Cache-Control": _KEPT, "ETag": f'"{page.head.digest[:32]}-{limit}"'},
            body=group_body(page, following),
        )
