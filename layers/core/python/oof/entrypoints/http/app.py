"""The resolver with all its routes, and what every response carries."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.bootstrap.serve import ServeDeps
from oof.entrypoints.http import health
from oof.entrypoints.observability import logger


class Api:
    """`/v1`, over its dependencies."""

    def __init__(self, deps: ServeDeps) -> None:
        self._resolver = APIGatewayHttpResolver(enable_validation=True)
        health.register(self._resolver, deps)

    def respond(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one HTTP API event, and log it in one line."""
        started = perf_counter()
        response = self._resolver.resolve(event, context)
        http = event["requestContext"]["http"]
        logger().info(
            "request_served",
            method=http["method"],
            path=event["rawPath"],
            status=response["statusCode"],
            elapsed_ms=round((perf_counter() - started) * 1000),
        )
        return response
