"""The HTTP API `/v1` for readers."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from stacks.constructs.public_api import Door, PublicApi
from stacks.constructs.python_function import FunctionFactory
from stacks.settings import StageSettings
from stacks.surroundings import Surroundings

EXPOSED_HEADERS = [
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
]
ALLOWED_HEADERS = ["Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID"]


class ApiStack(Stack):
    """Public routes of readers. Ingest is an API of its own: neither can starve the other."""

    def __init__(self, scope: Construct, around: Surroundings) -> None:
        super().__init__(
            scope,
            around.naming.stack("Api"),
            termination_protection=around.stage.keeps_data,
        )
        factory = FunctionFactory(self, around)
        # Any method: the function says which it has, and answers others with a problem.
        door = Door(
            routes={"/v1/{proxy+}": [apigateway.HttpMethod.ANY]},
            throttle=around.stage.api_throttle,
            open_because="until users exist a caller is its address; on AWS it must be asked for",
            cors=_cors(around.stage),
            elsewhere={"/v1/analyses/similarity": factory.make("api_compare_wallets")},
        )
        function = factory.make("api_serve_wallets")
        PublicApi(self, "api", door=door, function=function, around=around)


def _cors(stage: StageSettings) -> apigateway.CorsPreflightOptions | None:
    """Which origins may call from a browser; none unless the stage names them."""
    if not stage.cors_origins:
        return None
    return apigateway.CorsPreflightOptions(
        allow_origins=list(stage.cors_origins),
        allow_methods=[
            apigateway.CorsHttpMethod.GET,
            apigateway.CorsHttpMethod.POST,
            apigateway.CorsHttpMethod.OPTIONS,
        ],
        allow_headers=ALLOWED_HEADERS,
        expose_headers=EXPOSED_HEADERS,
        max_age=Duration.hours(1),
    )
