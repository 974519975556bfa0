"""The API's description, generated from its routes, and the descriptions of its problems."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any, Final

import orjson
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from oof.domain.errors import NotFound
from oof.entrypoints.http.bodies import ProblemBody
from oof.entrypoints.http.vocabulary import explain
from oof.entrypoints.problems import PROBLEM_JSON, PROBLEM_TYPES, ProblemType

_VERSION: Final = "1"
_DESCRIPTION: Final = (
    "Wallet analytics for Solana. Reads never compute: every GET is answered from a snapshot or "
    "from stored facts. Amounts are exact, as strings; times are UTC. Unknown query parameters "
    "are refused with 400, so that a misspelt filter never looks like an answer. Every error is "
    "an RFC 9457 problem with a stable `code`. Every response carries `X-Request-Id`. What an "
    "operation costs is stated with it: a round trip to the database is a statement, beside the "
    "begin and the commit of the one transaction that holds them; a round trip to the hot table, "
    "where summaries and jobs are, is a request."
)

_EVERYWHERE: Final = ("invalid_input", "unknown_parameter", "method_not_allowed", "internal_error")
_BY_OPERATION: Final[dict[str, tuple[str, ...]]] = {
    "getHealth": (),
    "getSummary": ("too_many_opens", "budget_spent", "conflict", "store_unavailable"),
    "listHoldings": ("invalid_cursor", "store_unavailable"),
    "listPositions": ("invalid_cursor", "store_unavailable"),
    "explainPosition": ("not_found", "invalid_cursor", "store_unavailable"),
    "listMoments": ("invalid_cursor", "store_unavailable"),
    "explainMoment": ("not_found", "store_unavailable"),
    "getPnlChart": ("store_unavailable",),
    "getBehavior": ("store_unavailable",),
    "getClassification": ("store_unavailable",),
    "listTokenPerformance": (
        "invalid_cursor",
        "too_many_analyses",
        "conflict",
        "store_unavailable",
    ),
    "getPnlOverview": ("store_unavailable",),
    "getPnlCalendar": ("store_unavailable",),
    "listFlows": ("invalid_cursor", "store_unavailable"),
    "listHoldingsHistory": ("invalid_cursor", "store_unavailable"),
    "getExtremes": ("store_unavailable",),
    "listTransactions": ("invalid_cursor", "store_unavailable"),
    "backfillHistory": (
        "forbidden",
        "idempotency_key_reused",
        "too_many_opens",
        "budget_spent",
        "conflict",
        "unsupported_content",
        "store_unavailable",
    ),
    "listPrices": ("invalid_cursor", "store_unavailable"),
    "getToken": ("not_found", "store_unavailable"),
    "analyzePositions": (
        "forbidden",
        "idempotency_key_reused",
        "too_many_analyses",
        "conflict",
        "unsupported_content",
        "store_unavailable",
    ),
    "getPositionsAnalysis": ("invalid_cursor", "not_found", "store_unavailable"),
    "getStatuses": ("unsupported_content", "store_unavailable"),
    "compareWallets": ("unsupported_content", "store_unavailable"),
    "listSimilar": ("store_unavailable",),
    "getJob": ("not_found", "store_unavailable"),
    "cancelJob": ("not_found", "conflict", "store_unavailable"),
    "getOpenApi": (),
    "getProblem": ("not_found",),
}
"""Problems that an operation may answer with, beyond those of all."""

_REQUEST_ID: Final = {
    "description": "quote it when something is wrong; yours is kept if you send one",
    "schema": {"type": "string"},
}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {"description": "changes when the answer does", "schema": {"type": "string"}},
    "Cache-Control": {"description": "how long to keep it", "schema": {"type": "string"}},
    "Link": {"description": "of CSV: the next page, where one is", "schema": {"type": "string"}},
    "Location": {"description": "the job", "schema": {"type": "string"}},
    "RateLimit-Policy": {
        "description": "how many wallets a caller may open a day",
        "schema": {"type": "string", "examples": ['"opens";q=50;w=86400']},
    },
}
_HEADERS_OF: Final[dict[str, tuple[str, ...]]] = {
    "getSummary": ("ETag", "Cache-Control", "RateLimit-Policy"),
    "listHoldings": ("ETag", "Cache-Control"),
    "listPositions": ("ETag", "Cache-Control", "Link"),
    "explainPosition": ("ETag", "Cache-Control"),
    "listMoments": ("ETag", "Cache-Control", "Link"),
    "explainMoment": ("ETag", "Cache-Control"),
    "getPnlChart": ("ETag", "Cache-Control"),
    "getBehavior": ("ETag", "Cache-Control"),
    "getClassification": ("ETag", "Cache-Control"),
    "listTokenPerformance": ("ETag", "Cache-Control", "Link"),
    "getPnlOverview": ("ETag", "Cache-Control"),
    "getPnlCalendar": ("ETag", "Cache-Control"),
    "getExtremes": ("ETag", "Cache-Control"),
    "listTransactions": ("ETag", "Cache-Control"),
    "listPrices": ("ETag", "Cache-Control"),
    "getToken": ("ETag", "Cache-Control"),
    "backfillHistory": ("Location", "RateLimit-Policy"),
    "analyzePositions": ("Location",),
    "getPositionsAnalysis": ("ETag", "Cache-Control"),
    "listSimilar": ("ETag", "Cache-Control"),
    "cancelJob": ("Location",),
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "the ETag of the answer you hold",
    "schema": {"type": "string"},
}
_RETRY_AFTER: Final = {"description": "seconds to wait", "schema": {"type": "integer"}}
_COMES_BACK: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
_HAS_CSV: Final = frozenset({"listPositions", "listTokenPerformance", "listMoments"})
_HAS_ETAG: Final = frozenset(
    {
        "getSummary",
        "listHoldings",
        "listTransactions",
        "listPositions",
        "explainPosition",
        "listMoments",
        "explainMoment",
        "getPnlChart",
        "getBehavior",
        "getClassification",
        "listTokenPerformance",
        "getPnlOverview",
        "getPnlCalendar",
        "getExtremes",
        "listPrices",
        "getToken",
        "getPositionsAnalysis",
        "listSimilar",
    }
)


def register(app: APIGatewayHttpResolver) -> None:
    """Add the routes that describe the others."""

    @app.get(
        "/v1/openapi.json",
        summary="This description",
        description="OpenAPI 3.1, generated from the routes themselves. No round trip to the "
        "database.",
        tags=["operate"],
        operation_id="getOpenApi",
    )
    def get_openapi() -> Response[dict[str, Any]]:
        return Response(
            status_code=HTTPStatus.OK,
            content_type="application/json",
            headers={"Cache-Control": "public, max-age=300"},
            body=describe(app),
        )

    @app.get(
        "/v1/problems/<code>",
        summary="What a problem's code means",
        description="The document that a problem's `type` leads to. No round trip to the database.",
        tags=["operate"],
        operation_id="getProblem",
    )
    def get_problem(code: str) -> Response[dict[str, Any]]:
        problem = PROBLEM_TYPES.get(code)
        if problem is None:
            raise NotFound(f"no problem has this code; there are {', '.join(PROBLEM_TYPES)}")
        return Response(
            status_code=HTTPStatus.OK,
            content_type="application/json",
            headers={"Cache-Control": "public, max-age=300"},
            body={
                "code": problem.code,
                "status": int(problem.status),
                "title": problem.title,
                "description": problem.description,
                "example": problem.example,
            },
        )


@cache
def describe(app: APIGatewayHttpResolver) -> dict[str, Any]:
    """The whole description; made once an environment."""
    text = app.get_openapi_json_schema(title="OOF", version=_VERSION, description=_DESCRIPTION)
    document: dict[str, Any] = orjson.loads(text)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _complete(operation, path)
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    document["components"]["responses"] = {
        code: _response(problem) for code, problem in PROBLEM_TYPES.items()
    }
    document.pop("servers", None)
    explain(document)
    return document


def allowed_methods(app: APIGatewayHttpResolver, path: str) -> tuple[str, ...]:
    """The methods that routes of this path have; none where no route has it."""
    for route, operations in describe(app)["paths"].items():
        pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(route))
        if re.fullmatch(pattern, path):
            return tuple(sorted(method.upper() for method in operations))
    return ()


def _complete(operation: dict[str, Any], path: str) -> None:
    """Add to an operation what all share: problems, headers, and the answer to an ETag."""
    name = operation["operationId"]
    responses = operation["responses"]
    responses.pop("422", None)
    success = next(status for status in responses if status.startswith("2"))
    headers = {key: _HEADERS[key] for key in _HEADERS_OF.get(name, ())}
    responses[success]["headers"] = {"X-Request-Id": _REQUEST_ID, **headers}
    if name in _HAS_ETAG:
        responses["304"] = {"description": "what `If-None-Match` names is still current"}
        operation["parameters"].append(_IF_NONE_MATCH)
    if name in _HAS_CSV:
        content = responses[success]["content"]
        told, *others, text = content["application/json"]["schema"]["anyOf"]
        responses |= {str(int(HTTPStatus.ACCEPTED)): _accepted(job) for job in others}
        content |= {"application/json": {"schema": told}, "text/csv": {"schema": text}}
    if path == "/v1/health":
        responses["503"] = {**responses["200"], "description": "a vital dependency is silent"}
    by_status: dict[str, list[ProblemType]] = {}
    for code in (*_EVERYWHERE, *_BY_OPERATION[name]):
        problem = PROBLEM_TYPES[code]
        by_status.setdefault(str(int(problem.status)), []).append(problem)
    for status, problems in by_status.items():
        responses[status] = _merged(problems)


def _accepted(job: dict[str, Any]) -> dict[str, Any]:
    """The answer of a read that has to be worked out first."""
    return {
        "description": "it is being worked out: watch the job, then ask again",
        "headers": {"X-Request-Id": _REQUEST_ID, "Location": _HEADERS["Location"]},
        "content": {"application/json": {"schema": job}},
    }


def _merged(problems: list[ProblemType]) -> dict[str, Any]:
    examples = {problem.code: {"value": _example(problem)} for problem in problems}
    headers = {"X-Request-Id": _REQUEST_ID}
    if any(each.status in _COMES_BACK for each in problems):
        headers["Retry-After"] = _RETRY_AFTER
    return {
        "description": "; ".join(f"`{each.code}`: {each.title}" for each in problems),
        "headers": headers,
        "content": {
            PROBLEM_JSON: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "examples": examples,
            }
        },
    }


def _response(problem: ProblemType) -> dict[str, Any]:
    return {**_merged([problem]), "description": problem.description}


def _example(problem: ProblemType) -> dict[str, Any]:
    return {
        "type": f"/v1/problems/{problem.code}",
        "title": problem.title,
        "status": int(problem.status),
        "detail": problem.example,
        "instance": "/v1/wallets/8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR/summary",
        "code": problem.code,
        "request_id": "JKJaXmPLvHcESHA=",
    }
