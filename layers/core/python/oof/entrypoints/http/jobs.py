"""`GET /v1/jobs/{id}`."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Path

from oof.app.read_job import JobDeps, JobView, read_job
from oof.bootstrap.serve_deps import ServeDeps
from oof.entrypoints.http.bodies import JobBody, ProgressBody, utc, utc_or_none
from oof.entrypoints.http.caching import NO_STORE
from oof.entrypoints.http.caller import caller_of


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.get(
        "/v1/jobs/<job_id>",
        summary="How far a job is",
        description="Visible to its owner alone; until users exist that is the caller's address.",
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
            done=progress.done, total=progress.total, unit=progress.unit, eta_s=view.eta_s
        ),
        reason=view.event.reason,
        created_at=utc(view.job.created_at),
        started_at=utc_or_none(view.started_at),
        updated_at=utc(view.event.at),
        finished_at=utc_or_none(view.finished_at),
    )
