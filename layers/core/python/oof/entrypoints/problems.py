"""Every way a request may go wrong, as RFC 9457 problems: one table, keyed by the fault's class.

A problem's `code` is stable, `type` leads to its description, and `detail` says what happened to
this request. Nothing internal is shown: a fault without an entry is `internal_error`.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson

from oof.domain.errors import (
    BudgetSpent,
    Conflict,
    Forbidden,
    InvalidInput,
    KeyReused,
    LimitReached,
    NotFound,
    OofError,
    StoreUnavailable,
    TooManyAnalyses,
    UpstreamRejected,
    UpstreamUnavailable,
)

PROBLEM_JSON: Final = "application/problem+json"
RETRY_AFTER_S: Final = 2


class RouteNotFound(OofError):
    """No route has this path."""


class MethodNotAllowed(OofError):
    """The path is there, but not with this method; `allowed` says which."""

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"allowed here: {', '.join(allowed)}")
        self.allowed = tuple(allowed)


class UnsupportedContent(OofError):
    """The body's content type is none we read."""


class InvalidRequest(OofError):
    """Several fields are wrong at once; `faults` lists (field, what was expected)."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{field}: expected {expected}" for field, expected in faults))
        self.faults = tuple(faults)


class UnknownParameter(OofError):
    """A query parameter that the route does not have: a typing error would pass unseen."""

    def __init__(self, names: Sequence[str], known: Sequence[str]) -> None:
        listed = ", ".join(known) or "no parameters"
        super().__init__(f"unknown: {', '.join(names)}; this route knows {listed}")
        self.names = tuple(names)


class InvalidCursor(OofError):
    """A cursor that we did not make, or made for other filters or another path."""


class ProblemType(NamedTuple):
    """What all problems of one kind share."""

    code: str
    status: HTTPStatus
    title: str
    description: str
    example: str


PROBLEMS: Final[dict[type[BaseException], ProblemType]] = {
    InvalidRequest: ProblemType(
        "invalid_input",
        HTTPStatus.BAD_REQUEST,
        "The request is not valid",
        "A path, query, header or body value is not what the route takes; `errors` names each.",
        "limit: expected at most 200",
    ),
    InvalidCursor: ProblemType(
        "invalid_cursor",
        HTTPStatus.BAD_REQUEST,
        "The cursor is not valid here",
        "Cursors are opaque and belong to one path, its filters and its order. Start over "
        "without one.",
        "cursor: altered, expired, or made for another query",
    ),
    UnknownParameter: ProblemType(
        "unknown_parameter",
        HTTPStatus.BAD_REQUEST,
        "The route has no such parameter",
        "A query parameter is unknown to this route. It is refused rather than ignored, so that "
        "a misspelt filter never looks like an answer.",
        "unknown: mnt; this route knows mint, kind, status, from, to, limit, cursor",
    ),
    RouteNotFound: ProblemType(
        "route_not_found",
        HTTPStatus.NOT_FOUND,
        "There is no such route",
        "No route has this path; `/v1/openapi.json` lists them.",
        "/v1/wallet is not a route",
    ),
    MethodNotAllowed: ProblemType(
        "method_not_allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "The route has no such method",
        "The path exists with other methods, which `Allow` lists.",
        "allowed here: GET",
    ),
    UnsupportedContent: ProblemType(
        "unsupported_content",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "The body's content type is not read here",
        "Bodies are JSON.",
        "expected application/json",
    ),
    NotFound: ProblemType(
        "not_found",
        HTTPStatus.NOT_FOUND,
        "There is no such thing",
        "It does not exist, has expired, or belongs to another caller.",
        "no job of yours has this id",
    ),
    Forbidden: ProblemType(
        "forbidden",
        HTTPStatus.FORBIDDEN,
        "This is not allowed",
        "The caller may not do this.",
        "this wallet cannot be opened",
    ),
    KeyReused: ProblemType(
        "idempotency_key_reused",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The idempotency key belongs to another request",
        "Within a day an `Idempotency-Key` stands for the first request it came with.",
        "this key was first used with another wallet or other parameters",
    ),
    LimitReached: ProblemType(
        "too_many_opens",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many wallets opened today",
        "Opening a wallet spends money, so it is limited per caller and per day; `Retry-After` "
        "says when the day is over. Wallets already open are served as ever.",
        "50 wallets a day may be opened by one caller",
    ),
    TooManyAnalyses: ProblemType(
        "too_many_analyses",
        HTTPStatus.TOO_MANY_REQUESTS,
        "Too many analyses begun within a minute",
        "Working something out takes minutes of a function, so beginning it is limited per caller; "
        "`Retry-After` says when the minute is over. Joining what runs already counts for nothing.",
        "5 analyses a minute may be begun by one caller",
    ),
    BudgetSpent: ProblemType(
        "budget_spent",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The day's budget for fetching is spent",
        "What the provider may cost in a UTC day is capped. Older history stops first, then new "
        "wallets; what is stored is served as ever, and open wallets are kept up to date. "
        "`Retry-After` says when the day is over.",
        "95 % of the day's budget for fetching is spent",
    ),
    Conflict: ProblemType(
        "conflict",
        HTTPStatus.CONFLICT,
        "Somebody else was first",
        "Another request changed the same thing at the same moment; trying again sees its result.",
        "the work is contended; try again",
    ),
    UpstreamRejected: ProblemType(
        "upstream_rejected",
        HTTPStatus.BAD_GATEWAY,
        "The provider refused",
        "The chain provider refused our request; the operator has been told.",
        "the provider refused the request",
    ),
    UpstreamUnavailable: ProblemType(
        "upstream_unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "The provider does not answer",
        "The chain provider is throttling or down; `Retry-After` says when to try again.",
        "the provider does not answer",
    ),
    StoreUnavailable: ProblemType(
        "store_unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "A store does not answer",
        "A database or table of ours does not answer; `Retry-After` says when to try again.",
        "the database does not answer",
    ),
    Exception: ProblemType(
        "internal_error",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something went wrong here",
        "A mistake of ours, logged under the response's `X-Request-Id`.",
        "quote the request id when you report this",
    ),
}

PROBLEM_TYPES: Final[dict[str, ProblemType]] = {each.code: each for each in PROBLEMS.values()}


class Problem(NamedTuple):
    """One problem, ready to be sent."""

    type: ProblemType
    detail: str
    errors: tuple[tuple[str, str], ...]
    headers: dict[str, str]

    def body(self, *, instance: str, request_id: str) -> str:
        """The problem+json document of the request at `instance`."""
        document: dict[str, Any] = {
            "type": f"/v1/problems/{self.type.code}",
            "title": self.type.title,
            "status": int(self.type.status),
            "detail": self.detail,
            "instance": instance,
            "code": self.type.code,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [
                {"field": field, "expected": expected} for field, expected in self.errors
            ]
        return orjson.dumps(document).decode()


def problem_of(fault: BaseException) -> Problem:
    """The problem of a fault, by the nearest class that the table has."""
    kind = next(PROBLEMS[cls] for cls in _kinds(fault) if cls in PROBLEMS)
    is_known = kind is not PROBLEMS[Exception]
    return Problem(
        type=kind,
        detail=str(fault) if is_known and str(fault) else kind.example,
        errors=_errors(fault),
        headers=_headers(fault),
    )


def _kinds(fault: BaseException) -> tuple[type[BaseException], ...]:
    # An invalid value found by the domain is no other problem than one found at the edge.
    if isinstance(fault, InvalidInput):
        return (InvalidCursor if fault.problem_code == "invalid_cursor" else InvalidRequest,)
    return type(fault).__mro__


def _errors(fault: BaseException) -> tuple[tuple[str, str], ...]:
    if isinstance(fault, InvalidInput):
        return ((fault.field, fault.expected),)
    if isinstance(fault, InvalidRequest):
        return fault.faults
    if isinstance(fault, UnknownParameter):
        return tuple((name, "no such parameter") for name in fault.names)
    return ()


def _headers(fault: BaseException) -> dict[str, str]:
    if isinstance(fault, MethodNotAllowed):
        return {"Allow": ", ".join(fault.allowed)}
    if isinstance(fault, LimitReached):
        is_analysis = isinstance(fault, TooManyAnalyses)
        name, window_s = ("analyses", 60) if is_analysis else ("opens", 86_400)
        return {
            "Retry-After": str(fault.reset_s),
            "RateLimit-Policy": f'"{name}";q={fault.limit};w={window_s}',
            "RateLimit": f'"{name}";r=0;t={fault.reset_s}',
        }
    if isinstance(fault, BudgetSpent):
        return {"Retry-After": str(fault.reset_s)}
    if isinstance(fault, UpstreamUnavailable) and fault.retry_after_s is not None:
        return {"Retry-After": str(max(1, round(fault.retry_after_s)))}
    if isinstance(fault, UpstreamUnavailable | StoreUnavailable | Conflict):
        return {"Retry-After": str(RETRY_AFTER_S)}
    return {}
