"""JSON-RPC to a provider: single calls and batches, each item sorted by its error's code."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from oof.adapters.helius.faults import (
    BROKEN_ANSWER,
    RpcFailure,
    Sort,
    Verdict,
    failure_of,
    fault_of,
)
from oof.adapters.helius.transport import Ask, Transport
from oof.domain.errors import UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import CallClass
from oof.domain.provider_prices import credits_of_call
from oof.ports.upstream import Usage

MAX_BATCH: Final[Mapping[str, int]] = {"getTransaction": 100}
MAX_BATCH_OTHERWISE: Final = 10
"""Of methods that read history, Helius takes no more in one batch than ten, bodies aside."""


class RpcClient:
    """Calls a provider for one share of the plan."""

    def __init__(self, transport: Transport, *, batch_size: int) -> None:
        self._transport = transport
        self._batch_size = batch_size

    @property
    def usage(self) -> Usage:
        """What was asked since this client was made, retries included."""
        return self._transport.usage

    def most_at_once(self, method: str) -> int:
        """How many calls of a method may be sent as one batch."""
        return min(self._batch_size, MAX_BATCH.get(method, MAX_BATCH_OTHERWISE))

    def call(self, method: str, params: Sequence[Any]) -> Any:
        """Return the result of one call."""
        for attempt in self._transport.attempts():
            with attempt:
                answer = self._exchange(method, _request(0, method, params))
                return self._result(method, answer)
        raise AssertionError("stamina ends by returning or raising")

    def call_each(self, method: str, calls: Sequence[Sequence[Any]]) -> list[Any]:
        """Return the results of many calls in their order, sent as one batch.

        Calls answered with a passing error are asked again, the others are not. What the provider
        says is not there, or cannot be told, is None.
        """
        results: dict[int, Any] = {}
        for attempt in self._transport.attempts():
            with attempt:
                self._call_missing(method, calls, results)
        return [results[at] for at in range(len(calls))]

    def _call_missing(
        self, method: str, calls: Sequence[Sequence[Any]], results: dict[int, Any]
    ) -> None:
        missing = [at for at in range(len(calls)) if at not in results]
        batch = [_request(at, method, calls[at]) for at in missing]
        answers = self._exchange(method, batch)
        if isinstance(answers, dict):
            self._result(method, answers)
        if not isinstance(answers, list):
            text = f"a batch of {method} was answered with no array"
            raise fault_of(method, BROKEN_ANSWER, text)
        for answer in answers:
            failure = failure_of(answer)
            if failure is None:
                results[answer["id"]] = answer["result"]
            elif failure.verdict.sort is Sort.ABSENT and "id" in answer:
                results[answer["id"]] = None
            elif not failure.verdict.passes:
                raise self._fault(method, failure)
        left = sum(at not in results for at in missing)
        if left:
            raise UpstreamUnavailable(f"{left} of {len(missing)} {method} were not answered")

    def _exchange(self, method: str, payload: dict[str, Any] | list[dict[str, Any]]) -> Any:
        requests = payload if isinstance(payload, list) else [payload]
        price = sum(credits_of_call(method, request["params"]) for request in requests)
        content = orjson.dumps(payload)
        ask = Ask(method, CallClass.RPC, content, len(requests), price=price)
        return self._transport.exchange(ask, worst_of)

    def _result(self, method: str, answer: Any) -> Any:
        failure = failure_of(answer)
        if failure is not None:
            raise self._fault(method, failure)
        return answer["result"]

    def _fault(self, method: str, failure: RpcFailure) -> UpstreamRejected | UpstreamUnavailable:
        message = self._transport.without_key(failure.message)[:200]
        text = f"{method} was answered with error {failure.code}: {message}"
        return fault_of(method, failure.verdict, text)


def worst_of(answer: Any) -> Verdict | None:
    """Return what in a call's or a batch's answer speaks against the provider, throttling first."""
    failures = [failure_of(item) for item in (answer if isinstance(answer, list) else [answer])]
    verdicts = [failure.verdict for failure in failures if failure is not None]
    found = [v for v in verdicts if v.sort is Sort.THROTTLED or v.is_outage]
    return min(found, key=lambda v: v.sort is not Sort.THROTTLED, default=None)


def _request(at: int, method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": at, "method": method, "params": list(params)}
