"""`GET /v1/jobs/{id}`, and `POST …/cancel`."""

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from oof.app.cancel_job import cancel_job
from oof.app.read_job import JobDeps, JobView, read_job
from oof.app.read_token_results import span_of
from oof.app.request_view import view_id_of
from oof.bootstrap.serve_deps import ServeDeps
from oof.domain.jobs import WorkKind, WorkStatus
from oof.domain.units import Address
from oof.domain.windows import DaySpan, day_date
from oof.entrypoints.http.bodies import JobBody, ProgressBody, utc, utc_or_none
from oof.entrypoints.http.caching import NO_STORE
from oof.entrypoints.http.caller import caller_of


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the routes."""

    @app.get(
        "/v1/jobs/<job_id>",
        summary="How far a job is",
        description="Visible to its owner alone; until users exist that is the caller's address. "
        "Three round trips to the hot table.",
        tags=["jobs"],
        operation_id="getJob",
    )
    def get_job(
        job_id: Annotated[str, Path(description="as given by the trigger")],
    ) -> Response[JobBody]:
        return Response(
            status_code=HTTPStatus.OK,
            content_type="application/json",
            headers=NO_STORE,
            body=job_body(deps.job_views, job_id, caller=caller_of(app)),
        )

    @app.post(
        "/v1/jobs/<job_id>/cancel",
        summary="Want a job no more",
        description="Work that nobody else waits for stops before its next chunk: what is stored "
        "stays, and the same request later goes on from there. Cancelling twice, or what is over, "
        "changes nothing. At most eight round trips to the hot table.",
        tags=["jobs"],
        operation_id="cancelJob",
        status_code=HTTPStatus.ACCEPTED,
    )
    def post_cancel(
        job_id: Annotated[str, Path(description="as given by the trigger")],
    ) -> Response[JobBody]:
        view = cancel_job(deps.job_views, job_id, caller=caller_of(app))
        return Response(
            status_code=HTTPStatus.ACCEPTED,
            content_type="application/json",
            headers={**NO_STORE, "Location": job_path(job_id)},
            body=_body(view),
        )


def _result(view: JobView) -> str | None:
    if view.event.status is not WorkStatus.SUCCEEDED:
        return None
    if view.job.kind is WorkKind.SUM_TOKENS and view.params:
        return token_days_path(view.job.wallet, span_of(view.params))
    if view.job.kind is not WorkKind.FOLD_VIEW:
        return None
    return f"/v1/analyses/positions/{view_id_of(view.job.work_id)}"


def token_days_path(wallet: Address, span: DaySpan) -> str:
    """Where tokens over days are read once they are summed."""
    days = {"from": day_date(span.lowest), "to": day_date(span.last)}
    return f"/v1/wallets/{wallet}/token-performance?{urlencode(days)}"


def job_path(job_id: str) -> str:
    """Where a job is watched."""
    return f"/v1/jobs/{job_id}"


def job_body(deps: JobDeps, job_id: str, *, caller: str) -> JobBody:
    """The body of the caller's job. Raises NotFound."""
    return _body(read_job(deps, job_id, caller=caller))


def _body(view: JobView) -> JobBody:
    progress = view.event.progress
    return JobBody(
        id=view.job.job_id,
        kind=view.job.kind,
        wallet=view.job.wallet,
        status=view.event.status,
        progress=ProgressBody(
            done=progress.done,
            total=progress.total,
            expected=progress.expected,
            unit=progress.unit,
            eta_s=view.eta_s,
        ),
        cancel_requested=view.is_cancel_requested,
        reason=view.event.reason,
        result=_result(view),
        created_at=utc(view.job.created_at),
        started_at=utc_or_none(view.started_at),
        updated_at=utc(view.event.at),
        finished_at=utc_or_none(view.finished_at),
    )
