"""Every way a provider says no, sorted: in one table for JSON-RPC codes and one for HTTP statuses.

JSON-RPC codes of Solana: https://github.com/anza-xyz/agave/blob/master/rpc-client-api/src/custom_error.rs;
those of JSON-RPC itself: https://www.jsonrpc.org/specification#error_object. What is in neither
table is sorted by its range: a server's own codes pass, all others do not.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple

import httpx

from oof.domain.errors import NotInPlan, UpstreamRejected, UpstreamUnavailable


class Sort(StrEnum):
    """What to do about it."""

    RETRY = "retry"
    """Ask again: it passes."""
    THROTTLED = "throttled"
    """Ask again, but nobody before the time the provider says."""
    ABSENT = "absent"
    """What was asked about is not there, or cannot be told; the request was right."""
    FATAL = "fatal"
    """The request is wrong, or not ours to make."""


class Verdict(NamedTuple):
    """What an error means."""

    sort: Sort
    reason: str
    """A stable code."""
    is_outage: bool = False
    """Whether it speaks against the provider as a whole: the circuit breaker counts it."""

    @property
    def passes(self) -> bool:
        """Whether asking again can help."""
        return self.sort in {Sort.RETRY, Sort.THROTTLED}


def _passes(reason: str, *, is_outage: bool = False) -> Verdict:
    return Verdict(Sort.RETRY, reason, is_outage)


def _fatal(reason: str) -> Verdict:
    return Verdict(Sort.FATAL, reason)


def _absent(reason: str) -> Verdict:
    return Verdict(Sort.ABSENT, reason)


RPC_CODES: Final[Mapping[int, Verdict]] = {
    -32700: _fatal("parse_error"),
    -32600: _fatal("invalid_request"),
    -32601: _fatal("method_unknown"),
    -32602: _fatal("invalid_params"),
    -32603: _passes("internal_error", is_outage=True),
    -32001: _absent("block_cleaned_up"),
    -32002: _fatal("preflight_failed"),
    -32003: _fatal("signature_wrong"),
    -32004: _passes("block_not_available"),
    -32005: _passes("node_unhealthy", is_outage=True),
    -32006: _fatal("precompile_failed"),
    -32007: _absent("slot_skipped"),
    -32008: _fatal("no_snapshot"),
    -32009: _absent("slot_skipped"),
    -32010: _fatal("key_not_indexed"),
    -32011: _fatal("history_not_kept"),
    -32012: _passes("scan_failed"),
    -32013: _fatal("signature_length_wrong"),
    -32014: _passes("block_status_not_available"),
    -32015: _absent("version_unsupported"),
    -32016: _passes("min_context_slot_not_reached"),
    -32017: _passes("epoch_rewards_active"),
    -32018: _absent("slot_not_epoch_boundary"),
    -32019: _passes("long_term_storage_unreachable", is_outage=True),
    -32401: _fatal("unauthorized"),
    -32403: _fatal("forbidden"),
    -32429: Verdict(Sort.THROTTLED, "throttled"),
}
"""By JSON-RPC error code; the last three are Helius' own."""

HTTP_CODES: Final[Mapping[int, Verdict]] = {
    401: _fatal("unauthorized"),
    403: _fatal("forbidden"),
    404: _fatal("not_found"),
    408: _passes("timed_out", is_outage=True),
    413: _fatal("too_large"),
    425: _passes("too_early"),
    429: Verdict(Sort.THROTTLED, "throttled"),
    500: _passes("server_error", is_outage=True),
    502: _passes("bad_gateway", is_outage=True),
    503: _passes("unavailable", is_outage=True),
    504: _passes("gateway_timed_out", is_outage=True),
}
"""By HTTP status; other 4xx are fatal, other 5xx pass."""

TIMED_OUT: Final = _passes("timed_out", is_outage=True)
NO_ANSWER: Final = _passes("no_answer", is_outage=True)
BROKEN_ANSWER: Final = _passes("broken_answer", is_outage=True)
"""Truncated or otherwise no JSON, or JSON of no shape that was asked for."""

OPTIONAL: Final = frozenset({"getTransactionsForAddress"})
"""Calls that not every plan includes, nor every provider knows."""
_NOT_IN_PLAN: Final = frozenset({"forbidden", "method_unknown"})


def verdict_of_code(code: int) -> Verdict:
    """Sort a JSON-RPC error by its code."""
    known = RPC_CODES.get(code)
    if known is not None:
        return known
    return _passes("server_error") if -32099 <= code <= -32000 else _fatal("unknown_error")


def verdict_of_status(status: int) -> Verdict | None:
    """Sort an HTTP status; None for one that is no error."""
    if status < 400:
        return None
    known = HTTP_CODES.get(status)
    if known is not None:
        return known
    return _passes("server_error", is_outage=True) if status >= 500 else _fatal("refused")


def verdict_of_failure(fault: httpx.TransportError) -> Verdict:
    """Sort what happened where no answer came."""
    return TIMED_OUT if isinstance(fault, httpx.TimeoutException) else NO_ANSWER


class RpcFailure(NamedTuple):
    """The error object of one call."""

    code: int
    message: str

    @property
    def verdict(self) -> Verdict:
        """What it means."""
        return verdict_of_code(self.code)


def failure_of(answer: Any) -> RpcFailure | None:
    """Return an answer's error; an answer that is neither result nor error is one too."""
    if not isinstance(answer, dict):
        return RpcFailure(-32603, "the answer is no object")
    error = answer.get("error")
    if isinstance(error, dict):
        return RpcFailure(_code(error.get("code")), str(error.get("message", "")))
    if error is not None:
        return RpcFailure(-32603, "the error is no object")
    if "result" not in answer:
        return RpcFailure(-32603, "the answer has neither result nor error")
    return None


def fault_of(
    name: str, verdict: Verdict, text: str, *, retry_after_s: float | None = None
) -> UpstreamUnavailable | UpstreamRejected:
    """Return what to raise for a verdict on the call named `name`."""
    if verdict.passes:
        return UpstreamUnavailable(text, retry_after_s=retry_after_s, reason=verdict.reason)
    if name in OPTIONAL and verdict.reason in _NOT_IN_PLAN:
        return NotInPlan(text, reason=verdict.reason)
    return UpstreamRejected(text, reason=verdict.reason)


def retry_after_s(response: httpx.Response, now: datetime) -> float | None:
    """Return the provider's advice in seconds from `now`, given as seconds or as a date.

    https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
    """
    text = response.headers.get("retry-after", "").strip()
    seconds: float | None
    try:
        seconds = float(text)
    except ValueError:
        seconds = _seconds_until(text, now)
    # a float may be spelt "inf" or "nan": no advice at all
    return max(seconds, 0.0) if seconds is not None and seconds < 86_400 else None


def _seconds_until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def _code(value: object) -> int:
    return value if isinstance(value, int) else -32603
