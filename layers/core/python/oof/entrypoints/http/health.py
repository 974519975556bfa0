"""`GET /v1/health`."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel, ConfigDict, Field

from oof.app.check_health import Health, HealthStatus, check_health
from oof.bootstrap.serve_deps import ServeDeps


class ComponentBody(BaseModel):
    """One dependency."""

    status: HealthStatus
    figures: Annotated[dict[str, int], Field(description="counts, such as messages waiting")]
    concern: Annotated[str | None, Field(description="a stable code; null when all is well")]


class HealthBody(BaseModel):
    """How well the service stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "healthy",
                    "components": {
                        "hot_table": {"status": "healthy", "figures": {}, "concern": None},
                        "ingest-store": {
                            "status": "healthy",
                            "figures": {"waiting": 0, "in_flight": 0, "delayed": 0},
                            "concern": None,
                        },
                    },
                }
            ]
        }
    )

    status: HealthStatus
    components: dict[str, ComponentBody]


def register(app: APIGatewayHttpResolver, deps: ServeDeps) -> None:
    """Add the route."""

    @app.get(
        "/v1/health",
        summary="How well the service stands",
        description="Looks once at every dependency. 503 when a vital one does not answer. One "
        "round trip to the database, two to the hot table.",
        tags=["operate"],
        operation_id="getHealth",
    )
    def get_health() -> Response[HealthBody]:
        health = check_health(deps.probes)
        status = HTTPStatus.OK
        if health.status is HealthStatus.UNHEALTHY:
            status = HTTPStatus.SERVICE_UNAVAILABLE
        return Response(
            status_code=status,
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
            body=_body(health),
        )


def _body(health: Health) -> HealthBody:
    components = {
        each.name: ComponentBody(status=each.status, figures=each.figures, concern=each.concern)
        for each in health.components
    }
    return HealthBody(status=health.status, components=components)
