"""JSON-RPC to the provider: what is retried, refused, counted, and kept secret."""

import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
import stamina

from local.upstream.counters import CREDITS as STAND_IN_CREDITS
from oof.adapters.helius.chain_source import HeliusChainSource, HistoryAccess
from oof.adapters.helius.faults import HTTP_CODES, RPC_CODES, retry_after_s
from oof.adapters.helius.rpc import RpcClient
from oof.adapters.helius.transport import Endpoint, Transport
from oof.domain.breaker import FIRST_PAUSE_MS, LEAST_FAILURES
from oof.domain.errors import BudgetSpent, NotInPlan, UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import CallClass, Demand, plan_of
from oof.domain.limits import Share
from oof.domain.provider_prices import credits_of, credits_of_call
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


def test_a_pause_is_learnt_by_everybody():
    """After a 429 nobody calls before the time the provider said, whichever function met it."""
    script = Script(httpx.Response(429, headers={"retry-after": "60"}), ok(7))
    with pytest.raises(UpstreamUnavailable):
        script.rpc().call("getSlot", [])

    with pytest.raises(UpstreamUnavailable) as refused:
        script.rpc().call("getSlot", [])

    assert len(script.asked) == 1
    assert refused.value.reason == "over_rate"
    script.now_ms += 59_000
    assert script.rpc().call("getSlot", []) == 7
    assert sum(script.slept) == pytest.approx(1, abs=0.1)


def test_advice_may_be_a_date():
    """`Retry-After` may name a moment instead of seconds."""
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    script = Script(httpx.Response(429, headers={"retry-after": moment}))

    with pytest.raises(UpstreamUnavailable) as fault:
        script.rpc().call("getSlot", [])

    assert 85 < (fault.value.retry_after_s or 0) <= 90


@pytest.mark.parametrize(
    ("advice", "seconds"),
    [
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("Wed, 01 Jan 2025 00:00:30 GMT", 30),
        ("Wed, 01 Jan 2025 00:00:30 -0000", 30),
        ("Tue, 31 Dec 2024 23:59:00 GMT", 0),
        ("soon", None),
        ("", None),
        ("inf", None),
        ("nan", None),
        ("Wed, 01 Jan 2031 00:00:30 GMT", None),
    ],
)
def test_advice_is_read_in_every_form(advice, seconds):
    """Seconds or a date, never below zero; nonsense and years are no advice."""
    response = httpx.Response(429, headers={"retry-after": advice})

    assert retry_after_s(response, datetime(2025, 1, 1, tzinfo=UTC)) == seconds


@pytest.mark.parametrize("code", RPC_CODES)
def test_every_code_of_the_table_is_what_it_says(code):
    """What passes is tried again, what does not is raised at once, each with its reason."""
    verdict = RPC_CODES[code]
    script = Script(rpc_error(code), ok(7))

    if verdict.passes:
        assert script.rpc().call("getSlot", []) == 7
        assert len(script.asked) == 2
        return
    with pytest.raises(UpstreamRejected) as fault:
        script.rpc().call("getSlot", [])
    assert fault.value.reason == verdict.reason
    assert len(script.asked) == 1


@pytest.mark.parametrize("status", [*HTTP_CODES, 418, 599])
def test_every_status_is_sorted(status):
    """4xx are ours, 5xx are theirs, and those that say otherwise are in the table."""
    script = Script(httpx.Response(status, text="no"), ok(7))
    passes = status >= 500 or status in {408, 425, 429}

    if passes:
        assert script.rpc().call("getSlot", []) == 7
        return
    with pytest.raises(UpstreamRejected):
        script.rpc().call("getSlot", [])


def test_an_outage_opens_the_breaker_for_everybody():
    """After two callers' tries the third asks nothing, until the pause is over."""
    script = Script(*[httpx.ReadTimeout("slow")] * LEAST_FAILURES, ok(7))
    for _ in range(2):
        with pytest.raises(UpstreamUnavailable) as fault:
            script.rpc().call("getSlot", [])
        assert fault.value.reason == "timed_out"

    with pytest.raises(UpstreamUnavailable) as refused:
        script.rpc().call("getSlot", [])
    assert refused.value.reason == "circuit_open"
    assert len(script.asked) == LEAST_FAILURES

    script.now_ms += FIRST_PAUSE_MS
    assert script.rpc().call("getSlot", []) == 7
    assert script.rpc().call("getSlot", []) == 7


def test_a_wrong_request_is_no_outage():
    """However often we ask wrongly, nobody is locked out."""
    script = Script(rpc_error(-32602))
    for _ in range(LEAST_FAILURES * 2):
        with pytest.raises(UpstreamRejected):
            script.rpc().call("getSlot", [])

    told = script.limiter.reading()
    assert told is not None
    assert told.broken == ()


def test_a_throttled_item_of_a_batch_pauses_everybody():
    """Helius throttles within a batch too, with a code of its own."""

    def throttled(asked):
        item = {"id": asked[0]["id"], "error": {"code": -32429, "message": "slow down"}}
        return httpx.Response(200, json=[item])

    script = Script(throttled, ok("late"))

    assert script.rpc().call_each("getTransaction", [["a"]]) == ["late"]
    assert sum(script.slept) == pytest.approx(1, abs=0.1)


def test_a_spent_budget_sends_nothing():
    """Neither now nor in a retry: the day's cap is not passed."""
    script = Script(ok(7))
    script.limiter.charge(10**9)

    with pytest.raises(BudgetSpent):
        script.rpc().call("getSlot", [])
    assert script.asked == []


def test_a_void_turn_is_taken_anew_and_paid_once():
    """Who waited while the provider throttled somebody else waits for the pause too."""
    script = Script(ok(None))
    for _ in range(4):
        script.limiter.reserve(Demand(CallClass.RPC, Share.INTERACTIVE, 25, 0))
    spent: list[float] = []

    def sleep(seconds):
        if not spent:
            turn = script.limiter.reserve(Demand(CallClass.RPC, Share.TAIL, 1, 0))
            script.limiter.throttled(turn, 9)
        spent.append(seconds)
        script.now_ms += round(seconds * 1_000)

    script.sleep = sleep  # type: ignore[method-assign]
    script.rpc().call("getTransaction", ["a"])

    assert len(spent) == 2
    assert script.now_ms >= 9_000
    told = script.limiter.reading()
    assert told is not None
    assert told.spend.spent == 10


def test_what_the_provider_cannot_tell_of_a_batch_is_absent():
    """A version it does not know, or a slot without a block, does not spoil the others."""

    def partly(asked):
        answers = [{"id": call["id"], "result": call["params"][0]} for call in asked]
        for at, code in ((0, -32015), (2, -32009)):
            answers[at] = {"id": asked[at]["id"], "error": {"code": code, "message": "no"}}
        return httpx.Response(200, json=answers)

    script = Script(partly)

    assert script.rpc().call_each("getTransaction", [["a"], ["b"], ["c"]]) == [None, "b", None]
    assert len(script.asked) == 1


def test_a_key_may_have_its_place_in_the_url():
    """Some providers want it in the path; then it is not in the query."""
    assert Endpoint("https://p.test/v2/{key}", "k").address == "https://p.test/v2/k"
    assert Endpoint("https://p.test/v2/{key}", "k").query == {}
    assert Endpoint("https://p.test", "k").query == {"api-key": "k"}
    assert Endpoint("https://p.test", "").query == {}


def test_prices_are_the_stand_in_s():
    """What we count is what the stand-in counts, method by method."""
    assert {name: credits_of(name) for name in STAND_IN_CREDITS} == STAND_IN_CREDITS
    assert credits_of("getSlot", 3) == 3
    assert credits_of_call("getSignatureStatuses", [["a"]]) == 1
    searching = {"searchTransactionHistory": True}
    assert credits_of_call("getSignatureStatuses", [["a"], searching]) == 10


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
