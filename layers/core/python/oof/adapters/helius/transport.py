"""Requests to a provider: in turn, in time, within the day's credits, and never with its key shown.

The API key travels in the URL, because providers know no other way; so neither URLs nor the
vendor's exceptions, which carry them, ever leave this module, and httpx's own log is kept quiet.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import httpx
import orjson
import stamina

from oof.adapters.helius.faults import (
    BROKEN_ANSWER,
    Sort,
    Verdict,
    failure_of,
    fault_of,
    retry_after_s,
    verdict_of_code,
    verdict_of_failure,
    verdict_of_status,
)
from oof.domain.breaker import CIRCUIT_OPEN
from oof.domain.errors import UpstreamUnavailable
from oof.domain.gate import CallClass, Demand, Turn
from oof.domain.limits import OVER_RATE, Share
from oof.domain.provider_prices import credits_of
from oof.ports.limiter import RateLimiter
from oof.ports.upstream import Usage

ATTEMPTS: Final = 4
LONGEST_PAUSE_S: Final = 10.0
"""Longer advice than this is handed to whoever retries the whole step."""
PAUSE_WITHOUT_ADVICE_S: Final = 1.0
"""How long everybody pauses where a throttling provider does not say."""
_TURNS: Final = 10
"""How often a turn may be void before the caller gives up."""
_KEY_PLACE: Final = "{key}"
_NO_QUERY: Final[Mapping[str, str]] = {}

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Endpoint(NamedTuple):
    """Where a provider is asked, and with which key; an empty key sends none.

    A `{key}` within the URL is where the key goes; else it is the header's or the query's.
    """

    url: str
    api_key: str
    key_header: str = ""
    """The header that carries the key; empty where it is the query's `api-key`."""

    @property
    def address(self) -> str:
        """The URL to send to, key included where it has a place for it."""
        return self.url.replace(_KEY_PLACE, self.api_key)

    @property
    def query(self) -> dict[str, str]:
        """What the URL lacks."""
        is_placed = _KEY_PLACE in self.url or self.key_header or not self.api_key
        return {} if is_placed else {"api-key": self.api_key}

    @property
    def headers(self) -> dict[str, str]:
        """What every request carries."""
        is_carried = self.key_header and self.api_key
        key = {self.key_header: self.api_key} if is_carried else {}
        return {"content-type": "application/json", **key}


class Ask(NamedTuple):
    """One request: `name` as the price list has it, and as faults tell it."""

    name: str
    kind: CallClass
    content: bytes
    calls: int = 1
    """Items of a batch: the provider counts each."""
    verb: str = "POST"
    path: str = ""
    price: int | None = None
    """Its credits, where its name does not tell them."""
    query: Mapping[str, str] = _NO_QUERY

    @property
    def credits(self) -> int:
        """What it costs."""
        return credits_of(self.name, self.calls) if self.price is None else self.price


type Judge = Callable[[Any], Verdict | None]
"""Finds in an answer what speaks against the provider; None where nothing does."""


class Transport:
    """Sends requests for one share of the plan."""

    def __init__(
        self,
        *,
        client: httpx.Client,
        endpoint: Endpoint,
        limiter: RateLimiter,
        share: Share,
        sleep: Callable[[float], None] = time.sleep,
        decode: Callable[[bytes], Any] = orjson.loads,
    ) -> None:
        self._client = client
        self._decode = decode
        self._endpoint = endpoint
        self._limiter = limiter
        self._share = share
        self._sleep = sleep
        self._calls = self._credits = 0
        self._waited_s = 0.0

    @property
    def usage(self) -> Usage:
        """What was asked since this was made, retries included."""
        return Usage(self._calls, self._credits, round(self._waited_s * 1_000))

    def attempts(self) -> Any:
        """Return the tries of one request, for a loop around `exchange`."""
        return stamina.retry_context(
            on=_pause, attempts=ATTEMPTS, timeout=60.0, wait_initial=0.2, wait_max=5.0
        )

    def exchange(self, ask: Ask, judge: Judge | None = None) -> Any:
        """Send one request and return its answer as JSON; an empty answer is None.

        Tries once. Raises `BudgetSpent`, `UpstreamUnavailable`, `UpstreamRejected`.
        """
        turn = self._take_turn(ask)
        self._calls += ask.calls
        self._credits += ask.credits
        response = self._send(ask, turn)
        try:
            answer = self._decode(response.content) if response.content else None
        except ValueError:
            self._note(turn, BROKEN_ANSWER)
            raise fault_of(
                ask.name, BROKEN_ANSWER, f"{ask.name} was answered with broken JSON"
            ) from None
        self._note(turn, judge(answer) if judge else None)
        return answer

    def without_key(self, text: str) -> str:
        """Return text that may be shown."""
        key = self._endpoint.api_key
        return text.replace(key, "…") if key else text

    def _take_turn(self, ask: Ask) -> Turn:
        """Wait for the caller's turn; one given before a pause was learnt of is taken anew."""
        demand = Demand(ask.kind, self._share, ask.calls, ask.credits)
        for _ in range(_TURNS):
            turn = self._limiter.reserve(demand)
            if turn.wait_s <= 0:
                return turn
            self._waited_s += turn.wait_s
            self._sleep(turn.wait_s)
            if self._limiter.stands(turn):
                return turn
            # what the void turn spent stays counted once
            demand = demand._replace(credits=0)
        raise UpstreamUnavailable(f"{ask.name} found no turn", reason=OVER_RATE)

    def _send(self, ask: Ask, turn: Turn) -> httpx.Response:
        try:
            response = self._client.request(
                ask.verb,
                f"{self._endpoint.address}{ask.path}",
                params={**self._endpoint.query, **ask.query},
                content=ask.content,
                headers=self._endpoint.headers,
            )
        except httpx.TransportError as error:
            verdict = verdict_of_failure(error)
            self._note(turn, verdict)
            kind = type(error).__name__
            raise fault_of(ask.name, verdict, f"{ask.name} was not answered: {kind}") from None
        refused = verdict_of_status(response.status_code)
        if refused is None:
            return response
        advice = retry_after_s(response, datetime.now(UTC))
        self._note(turn, refused, advice)
        text = f"{ask.name} was refused with status {response.status_code}"
        raise fault_of(
            ask.name, refused, text + self._detail(response), retry_after_s=advice
        ) from None

    def _note(self, turn: Turn, verdict: Verdict | None, advice: float | None = None) -> None:
        """Let all functions learn from it, where there is something to learn."""
        if verdict is not None and verdict.sort is Sort.THROTTLED:
            pause_s = PAUSE_WITHOUT_ADVICE_S if advice is None else advice
            self._limiter.throttled(turn, pause_s)
        elif verdict is not None and verdict.is_outage:
            self._limiter.answered(turn, is_failure=True)
        elif turn.is_trial:
            self._limiter.answered(turn, is_failure=False)

    def _detail(self, response: httpx.Response) -> str:
        """Return what a refusal's error object says; its status alone says little."""
        try:
            failure = failure_of(orjson.loads(response.content))
        except orjson.JSONDecodeError:
            return ""
        if failure is None or verdict_of_code(failure.code).reason == "internal_error":
            return ""
        return f", error {failure.code}: {self.without_key(failure.message)[:200]}"


def _pause(fault: Exception) -> bool | float:
    """Tell stamina whether to try again, and when the provider itself said so."""
    if not isinstance(fault, UpstreamUnavailable) or fault.reason == CIRCUIT_OPEN:
        return False
    advice = fault.retry_after_s
    if advice is None:
        return True
    return advice if advice <= LONGEST_PAUSE_S else False
