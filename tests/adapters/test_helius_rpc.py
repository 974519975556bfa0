"""JSON-RPC to the provider: what is retried, refused, counted, and kept secret."""

import json
import logging

import httpx
import pytest
import stamina

from oof.adapters.helius.chain_source import HeliusChainSource, HistoryAccess
from oof.adapters.helius.rpc import RpcClient
from oof.adapters.helius.transport import Endpoint, Transport
from oof.domain.errors import NotInPlan, UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.units import Address, Slot
from oof.ports.memory.limiter import MemoryRateLimiter

KEY = "very-secret-key"


class Script:
    """Answers requests from a list; the last answer repeats."""

    def __init__(self, *answers):
        """`answers`: responses, exceptions, or functions of the request's JSON."""
        self.answers = list(answers)
        self.asked = []
        self.slept = []
        self.now_ms = 0
        plan = plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=10**9)
        self.limiter = MemoryRateLimiter(plan, lambda: self.now_ms)

    def __call__(self, request):
        """Answer one request."""
        self.asked.append(json.loads(request.content))
        assert request.url.params["api-key"] == KEY
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer(self.asked[-1]) if callable(answer) else answer

    def rpc(self):
        """A client that asks this script."""
        transport = Transport(
            client=httpx.Client(transport=httpx.MockTransport(self)),
            endpoint=Endpoint("https://provider.test/", KEY),
            limiter=self.limiter,
            share=Share.INTERACTIVE,
            sleep=self.sleep,
        )
        return RpcClient(transport, batch_size=self.limiter.batch(Share.INTERACTIVE))

    def sleep(self, seconds):
        """Let time pass."""
        self.slept.append(seconds)
        self.now_ms += round(seconds * 1_000)


@pytest.fixture(autouse=True)
def _no_pauses():
    """Retries come at once."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


def signatures(count):
    """So many signatures."""
    return [f"s{n}" for n in range(count)]


def ok(result):
    """Answer every call with `result`."""

    def answer(asked):
        if isinstance(asked, list):
            return httpx.Response(
                200, json=[{"jsonrpc": "2.0", "id": c["id"], "result": result} for c in asked]
            )
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": asked["id"], "result": result})

    return answer


def rpc_error(code, message="no"):
    """Answer with an error object."""
    return httpx.Response(200, json={"id": 0, "error": {"code": code, "message": message}})


TRANSIENT = [
    httpx.Response(429, headers={"retry-after": "1"}),
    httpx.Response(429),
    httpx.Response(500, text="oops"),
    httpx.Response(503, headers={"retry-after": "never"}),
    httpx.ReadTimeout("slow " + KEY),
    httpx.ConnectError("refused " + KEY),
    httpx.Response(200, text='{"jsonrpc": "2.0", "resu'),
    httpx.Response(200, json={"id": 0}),
    httpx.Response(200, json=[]),
    rpc_error(-32005),
    rpc_error(-32603),
    rpc_error(-32429),
    rpc_error(-32014),
    rpc_error(-32016),
    rpc_error(-32077),
]
FATAL = [
    httpx.Response(401, text="bad key " + KEY),
    httpx.Response(403, json={"error": {"code": -32403, "message": f"key {KEY} has no plan"}}),
    httpx.Response(404, text=""),
    rpc_error(-32600),
    rpc_error(-32601),
    rpc_error(-32602, f"what is {KEY}"),
    rpc_error(-32015),
    rpc_error(-32007),
    rpc_error(-32009),
    rpc_error(-1),
]


@pytest.mark.parametrize("answer", TRANSIENT)
def test_what_passes_is_tried_again(answer):
    """One failure, then the answer: the caller sees only the answer."""
    script = Script(answer, ok(7))

    assert script.rpc().call("getSlot", []) == 7
    assert len(script.asked) == 2


@pytest.mark.parametrize("answer", TRANSIENT)
def test_what_does_not_pass_is_unavailable(answer):
    """After a few tries the fault is one that whoever delivers the work retries."""
    script = Script(answer)

    with pytest.raises(UpstreamUnavailable) as fault:
        script.rpc().call("getSlot", [])

    assert len(script.asked) == 4
    assert KEY not in str(fault.value)
    assert fault.value.__cause__ is None


@pytest.mark.parametrize("answer", FATAL)
def test_what_is_refused_is_not_tried_again(answer):
    """The request itself is wrong: once is enough."""
    script = Script(answer)

    with pytest.raises(UpstreamRejected) as fault:
        script.rpc().call("getSlot", [])

    assert len(script.asked) == 1
    assert KEY not in str(fault.value)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(403, text="no"),
        httpx.Response(403, json={"error": {"code": -32403, "message": "plan"}}),
        rpc_error(-32403),
        rpc_error(-32601),
    ],
)
def test_a_history_the_plan_lacks_is_asked_for_once(answer):
    """The refusal is told apart, and sources that share the access do not ask again."""
    access = HistoryAccess(is_allowed=True)
    source = HeliusChainSource(Script(answer).rpc(), access)

    with pytest.raises(NotInPlan):
        source.bodies_between(Address("a"), first_slot=Slot(1), last_slot=Slot(2))

    assert not source.has_history_pages
    assert not HeliusChainSource(Script(answer).rpc(), access).has_history_pages


def test_the_provider_s_advice_is_passed_on():
    """Advice too long to sit out reaches whoever retries the step, at once."""
    script = Script(httpx.Response(429, headers={"retry-after": "60"}))

    with pytest.raises(UpstreamUnavailable) as fault:
        script.rpc().call("getSlot", [])

    assert fault.value.retry_after_s == 60
    assert len(script.asked) == 1


def test_a_batch_asks_again_only_for_what_failed():
    """Answers come in any order; those with a passing error are asked for alone."""

    def partly(asked):
        answers = [{"id": call["id"], "result": call["params"][0]} for call in asked]
        answers[1] = {"id": asked[1]["id"], "error": {"code": -32005, "message": "behind"}}
        return httpx.Response(200, json=answers[::-1])

    def rest(asked):
        return httpx.Response(200, json=[{"id": c["id"], "result": "late"} for c in asked])

    script = Script(partly, rest)

    assert script.rpc().call_each("getTransaction", [["a"], ["b"], ["c"]]) == ["a", "late", "c"]
    assert [[c["params"][0] for c in batch] for batch in script.asked] == [["a", "b", "c"], ["b"]]


def test_a_batch_with_a_refused_call_is_refused():
    """One wrong call makes the whole batch a mistake of ours."""

    def refused(asked):
        return httpx.Response(200, json=[{"id": 0, "error": {"code": -32602, "message": KEY}}])

    with pytest.raises(UpstreamRejected) as fault:
        Script(refused).rpc().call_each("getTransaction", [["a"]])
    assert KEY not in str(fault.value)


def test_a_batch_answered_as_a_whole_fails_as_a_whole():
    """A single error object for a batch is that error."""
    with pytest.raises(UpstreamRejected):
        Script(rpc_error(-32600)).rpc().call_each("getTransaction", [["a"]])


def test_every_item_and_every_retry_is_counted():
    """The bucket and the usage see what the provider counts."""
    script = Script(httpx.Response(503), ok(None))
    rpc = script.rpc()
    source = HeliusChainSource(rpc, HistoryAccess(is_allowed=False))

    source.transactions(signatures(30))

    assert [len(batch) for batch in script.asked] == [25, 25, 5]
    assert script.limiter.taken[Share.INTERACTIVE] == 55
    assert (rpc.usage.calls, rpc.usage.credits) == (55, 550)


def test_calls_wait_for_their_turn():
    """What the bucket says is slept before sending."""
    script = Script(ok(None))
    HeliusChainSource(script.rpc(), HistoryAccess(is_allowed=False)).transactions(signatures(75))

    assert sum(script.slept) > 0


def test_nothing_of_the_key_is_logged(caplog):
    """The URL carries the key, so the vendor's own request log is kept quiet."""
    caplog.set_level(logging.INFO)
    Script(httpx.Response(503), ok(7)).rpc().call("getSlot", [])

    assert KEY not in caplog.text
