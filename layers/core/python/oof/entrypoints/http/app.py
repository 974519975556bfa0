"""The resolver with all its routes, and what every response carries."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPMethod, HTTPStatus
from time import perf_counter
from typing import Any, Final

import orjson
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.compare_wallets import CompareDeps
from oof.bootstrap.serve_deps import ServeDeps
from oof.entrypoints.http import (
    analyses,
    behaviour,
    flows,
    health,
    holdings_history,
    jobs,
    moments,
    openapi,
    performance,
    pnl,
    pnl_overview,
    positions,
    similarity,
    statuses,
    tokens,
    wallets,
)
from oof.entrypoints.http.caching import is_unchanged
from oof.entrypoints.observability import logger, metrics
from oof.entrypoints.problems import (
    PROBLEM_JSON,
    InvalidRequest,
    MethodNotAllowed,
    RouteNotFound,
    UnknownParameter,
    UnsupportedContent,
    problem_of,
)

EXPOSED_HEADERS: Final = (
    "ETag",
    "Link",
    "Location",
    "Retry-After",
    "RateLimit",
    "RateLimit-Policy",
    "X-Request-Id",
)
_OWN_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._=-]{1,64}")


class Api:
    """`/v1`, over its dependencies."""

    def __init__(self, deps: ServeDeps) -> None:
        self._resolver = self._resolving(deps.cors_origins)
        health.register(self._resolver, deps)
        wallets.register(self._resolver, deps)
        performance.register(self._resolver, deps)
        positions.register(self._resolver, deps)
        pnl_overview.register(self._resolver, deps)
        pnl.register(self._resolver, deps)
        flows.register(self._resolver, deps)
        holdings_history.register(self._resolver, deps)
        moments.register(self._resolver, deps)
        behaviour.register(self._resolver, deps)
        jobs.register(self._resolver, deps)
        analyses.register(self._resolver, deps)
        statuses.register(self._resolver, deps)
        similarity.register_compare(self._resolver, None)
        similarity.register_similar(self._resolver, deps.vectors)
        tokens.register(self._resolver, deps)
        openapi.register(self._resolver)

    def respond(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer one HTTP API event, and log it in one line."""
        started = perf_counter()
        response = _finished(event, self._resolver.resolve(_as_get(event), context))
        elapsed_ms = round((perf_counter() - started) * 1000)
        http = event["requestContext"]["http"]
        logger().info(
            "request_served",
            method=http["method"],
            path=event["rawPath"],
            status=response["statusCode"],
            request_id=response["headers"]["X-Request-Id"],
            elapsed_ms=elapsed_ms,
        )
        _measure(response["statusCode"], elapsed_ms)
        return response

    def describe(self) -> dict[str, Any]:
        """The API's OpenAPI document."""
        return openapi.describe(self._resolver)

    def _resolving(self, cors_origins: Sequence[str]) -> APIGatewayHttpResolver:
        """A resolver without routes that refuses and fails as all do."""
        resolver = APIGatewayHttpResolver(
            enable_validation=True, serializer=_json, cors=_cors(cors_origins)
        )
        resolver.use(middlewares=[_refuse_unknown_parameters])
        resolver.exception_handler(Exception)(self._problem)
        return resolver

    def _problem(self, fault: Exception) -> Response[str]:
        """The problem response of anything a route or the resolver raised."""
        event = self._resolver.current_event
        problem = problem_of(self._named(fault))
        if problem.type.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger().exception("request_failed", code=problem.type.code)
        return Response(
            status_code=problem.type.status,
            content_type=PROBLEM_JSON,
            headers={"Cache-Control": "no-store", **problem.headers},
            body=problem.body(instance=event.path, request_id=_request_id(event.raw_event)),
        )

    def _named(self, fault: Exception) -> Exception:
        """Faults of the resolver in our own terms."""
        if isinstance(fault, NotFoundError):
            path = self._resolver.current_event.path
            allowed = openapi.allowed_methods(self._resolver, path)
            return MethodNotAllowed(allowed) if allowed else RouteNotFound(f"{path} is no route")
        if isinstance(fault, RequestValidationError):
            return InvalidRequest([_field_fault(error) for error in fault.errors()])
        if isinstance(fault, RequestUnsupportedContentType):
            return UnsupportedContent("expected application/json")
        if isinstance(fault, UnicodeDecodeError) and self._resolver.current_event.is_base64_encoded:
            # The gateway hands on in base64 what is no text; nothing of ours is.
            return InvalidRequest([("body", "JSON in UTF-8")])
        return fault


class CompareApi(Api):
    """The route that compares wallets, in a function of its own; the gateway answers for CORS."""

    def __init__(self, deps: CompareDeps) -> None:
        self._resolver = self._resolving(())
        similarity.register_compare(self._resolver, deps)


def _json(body: Any) -> str:
    """A body as text; the library's own writer takes several times as long."""
    return orjson.dumps(body).decode()


def _field_fault(error: Mapping[str, Any]) -> tuple[str, str]:
    """(field, what was expected) of one of pydantic's findings."""
    place: Sequence[Any] = error.get("loc") or ("body",)
    expected = str(error.get("msg") or "another value").removeprefix("Input should be ")
    return str(place[-1]), expected


def _refuse_unknown_parameters(
    app: APIGatewayHttpResolver, next_middleware: NextMiddleware
) -> Response[Any]:
    """Refuse query parameters that the matched route does not have."""
    route = app.context["_route"]
    known = [param.alias for param in route.dependant.query_params]
    given = app.current_event.query_string_parameters or {}
    unknown = sorted(set(given) - set(known))
    if unknown and app.current_event.http_method != HTTPMethod.OPTIONS:
        raise UnknownParameter(unknown, known)
    return next_middleware(app)


def _as_get(event: Mapping[str, Any]) -> dict[str, Any]:
    """The event as the routes know it: HEAD is GET whose body is left out at the end."""
    context = event["requestContext"]
    if context["http"]["method"] != HTTPMethod.HEAD:
        return dict(event)
    http = {**context["http"], "method": str(HTTPMethod.GET)}
    return {**event, "requestContext": {**context, "http": http}}


def _finished(event: Mapping[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    """The response as it leaves: numbered, and without a body where the caller has it already."""
    headers = {**response.get("headers", {}), "X-Request-Id": _request_id(event)}
    finished = {**response, "headers": headers, "statusCode": int(response["statusCode"])}
    asked = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    if finished["statusCode"] == HTTPStatus.OK and is_unchanged(
        asked.get("if-none-match"), headers.get("ETag")
    ):
        headers.pop("Content-Type", None)
        finished |= {"statusCode": int(HTTPStatus.NOT_MODIFIED), "body": ""}
    is_head = event["requestContext"]["http"]["method"] == HTTPMethod.HEAD
    if is_head or finished.get("body") is None:
        finished["body"] = ""
    return finished


def _request_id(event: Mapping[str, Any]) -> str:
    """The caller's own id where it sent a sound one, else the gateway's."""
    asked = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    own = asked.get("x-request-id", "")
    if _OWN_REQUEST_ID.fullmatch(own):
        return str(own)
    return str(event["requestContext"].get("requestId", "unknown"))


def _measure(status: int, elapsed_ms: int) -> None:
    gauges = metrics()
    gauges.add_metric(name="RequestTime", unit=MetricUnit.Milliseconds, value=elapsed_ms)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        gauges.add_metric(name="RequestsFailed", unit=MetricUnit.Count, value=1)
    gauges.flush_metrics()


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    """CORS for the origins of the setting; none configured means none allowed."""
    if not origins:
        return None
    return CORSConfig(
        allow_origin=origins[0],
        extra_origins=list(origins[1:]),
        allow_headers=["Idempotency-Key", "If-None-Match", "X-Request-Id"],
        expose_headers=list(EXPOSED_HEADERS),
        max_age=600,
    )
