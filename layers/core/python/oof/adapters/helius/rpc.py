"""JSON-RPC to the provider: within the plan's rate, retried where that can help.

The API key travels in the URL, because the provider knows no other way; so neither URLs nor the
vendor's exceptions, which carry them, ever leave this module, and httpx's own log is kept quiet.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import httpx
import orjson
import stamina

from oof.domain.errors import NotInPlan, UpstreamRejected, UpstreamUnavailable
from oof.domain.limits import Share
from oof.ports.limiter import RateLimiter
from oof.ports.upstream import Usage

ATTEMPTS: Final = 4
LONGEST_PAUSE_S: Final = 10.0
"""Longer advice than this is handed to whoever retries the whole step."""
CREDITS: Final[Mapping[str, int]] = {
    "getSignaturesForAddress": 10,
    "getTransaction": 10,
    "getTransactionsForAddress": 100,
}
"""What a call costs by the provider's list; one credit where nothing else is said."""

_REFUSALS: Final = frozenset({-32700, -32600, -32601, -32602, -32001, -32015, -32401, -32403})
"""Codes that say the request itself is wrong, or not ours to make."""

OPTIONAL: Final = frozenset({"getTransactionsForAddress"})
"""Calls that not every plan includes, nor every provider knows."""
_NOT_IN_PLAN: Final = frozenset({-32403, -32601})

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class RpcFailure(NamedTuple):
    """The error object of one call."""

    code: int
    message: str

    @property
    def is_refusal(self) -> bool:
        """Whether asking again is of no use."""
        if self.code in _REFUSALS:
            return True
        return not (-32099 <= self.code <= -32000 or self.code in {-32603, -32429, -32005})

    def fault(self, method: str) -> UpstreamRejected | UpstreamUnavailable:
        """Return what to raise for it."""
        text = f"{method} was answered with error {self.code}: {self.message[:200]}"
        if method in OPTIONAL and self.code in _NOT_IN_PLAN:
            return NotInPlan(text)
        return UpstreamRejected(text) if self.is_refusal else UpstreamUnavailable(text)


class RpcClient:
    """Calls the provider for one share of the plan."""

    def __init__(
        self,
        *,
        client: httpx.Client,
        url: str,
        api_key: str,
        limiter: RateLimiter,
        share: Share,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._url = url
        self._query = {"api-key": api_key} if api_key else {}
        self._secret = api_key
        self._limiter = limiter
        self._share = share
        self._sleep = sleep
        self._calls = self._credits = 0
        self._waited_s = 0.0

    @property
    def usage(self) -> Usage:
        """What was asked since this client was made, retries included."""
        return Usage(self._calls, self._credits, round(self._waited_s * 1_000))

    @property
    def batch_size(self) -> int:
        """How many calls may be sent at once."""
        return min(self._limiter.batch(self._share), 100)

    def call(self, method: str, params: Sequence[Any]) -> Any:
        """Return the result of one call."""
        for attempt in self._attempts():
            with attempt:
                answer = self._post(method, 1, _request(0, method, params))
                return self._result(method, answer)
        raise AssertionError("stamina ends by returning or raising")

    def call_each(self, method: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        """Return the results of many calls in their order, sent as one batch.

        Calls answered with a passing error are asked again, the others are not.
        """
        results: dict[int, Any] = {}
        for attempt in self._attempts():
            with attempt:
                self._call_missing(method, calls, results)
        return [results[at] for at in range(len(calls))]

    def _call_missing(
        self, method: str, calls: Sequence[Sequence[Any]], results: dict[int, Any]
    ) -> None:
        missing = [at for at in range(len(calls)) if at not in results]
        batch = [_request(at, method, calls[at]) for at in missing]
        answers = self._post(method, len(batch), batch)
        if isinstance(answers, dict):
            self._result(method, answers)
        if not isinstance(answers, list):
            raise UpstreamUnavailable(f"a batch of {method} was answered with no array")
        faults = []
        for answer in answers:
            failure = _failure_of(answer)
            if failure is None:
                results[answer["id"]] = answer["result"]
            else:
                faults.append(self._fault(method, failure))
        for fault in faults:
            if isinstance(fault, UpstreamRejected):
                raise fault
        left = sum(at not in results for at in missing)
        if left:
            raise UpstreamUnavailable(f"{left} of {len(missing)} {method} were not answered")

    def _attempts(self) -> Any:
        return stamina.retry_context(
            on=_pause, attempts=ATTEMPTS, timeout=60.0, wait_initial=0.2, wait_max=5.0
        )

    def _post(self, method: str, calls: int, payload: Any) -> Any:
        wait_s = self._limiter.reserve(self._share, calls)
        if wait_s > 0:
            self._waited_s += wait_s
            self._sleep(wait_s)
        self._calls += calls
        self._credits += calls * CREDITS.get(method, 1)
        response = self._send(method, orjson.dumps(payload))
        try:
            return orjson.loads(response.content)
        except orjson.JSONDecodeError:
            raise UpstreamUnavailable(f"{method} was answered with broken JSON") from None

    def _send(self, method: str, content: bytes) -> httpx.Response:
        try:
            response = self._client.post(
                self._url,
                params=self._query,
                content=content,
                headers={"content-type": "application/json"},
            )
        except httpx.TransportError as error:
            kind = type(error).__name__
            raise UpstreamUnavailable(f"{method} was not answered: {kind}") from None
        if response.status_code == 429:
            raise UpstreamUnavailable(
                f"{method} was throttled", retry_after_s=_retry_after(response)
            )
        if response.status_code >= 500:
            raise UpstreamUnavailable(
                f"{method} was answered with status {response.status_code}",
                retry_after_s=_retry_after(response),
            )
        if response.status_code >= 400:
            raise self._refusal(method, response)
        return response

    def _refusal(
        self, method: str, response: httpx.Response
    ) -> UpstreamRejected | UpstreamUnavailable:
        """Return what a 4xx means; its error object says more than its status."""
        try:
            failure = _failure_of(orjson.loads(response.content))
        except orjson.JSONDecodeError:
            failure = None
        if method in OPTIONAL and response.status_code == 403:
            return NotInPlan(f"{method} is not in the provider's plan")
        text = f"{method} was refused with status {response.status_code}"
        if failure is not None:
            message = self._without_key(failure.message)
            text = f"{text}, error {failure.code}: {message[:200]}"
        return UpstreamRejected(text)

    def _result(self, method: str, answer: Any) -> Any:
        failure = _failure_of(answer)
        if failure is not None:
            raise self._fault(method, failure)
        return answer["result"]

    def _fault(self, method: str, failure: RpcFailure) -> UpstreamRejected | UpstreamUnavailable:
        return failure._replace(message=self._without_key(failure.message)).fault(method)

    def _without_key(self, text: str) -> str:
        return text.replace(self._secret, "…") if self._secret else text


def _request(at: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": at, "method": method, "params": list(params)}


def _failure_of(answer: Any) -> RpcFailure | None:
    """Return an answer's error; an answer that is neither result nor error is one too."""
    if not isinstance(answer, dict):
        return RpcFailure(-32603, "the answer is no object")
    error = answer.get("error")
    if isinstance(error, dict):
        return RpcFailure(int(error.get("code", -32603)), str(error.get("message", "")))
    if "result" not in answer:
        return RpcFailure(-32603, "the answer has neither result nor error")
    return None


def _pause(fault: Exception) -> bool | float:
    """Tell stamina whether to try again, and when the provider itself said so."""
    if not isinstance(fault, UpstreamUnavailable):
        return False
    advice = fault.retry_after_s
    if advice is None:
        return True
    return advice if advice <= LONGEST_PAUSE_S else False


def _retry_after(response: httpx.Response) -> float | None:
    """Return the provider's advice in seconds; a date, which it never sends, is none."""
    text = response.headers.get("retry-after", "")
    try:
        return max(float(text), 0.0)
    except ValueError:
        return None
