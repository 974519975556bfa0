import asyncio
import base64
from collections.abc import Iterator
from typing import Any

import httpx
import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.upstream import deliveries, webhooks
from local.upstream.chain import GeneratedChain
from local.upstream.model import TOKEN_PROGRAM, Record, TokenRow
from local.upstream.prices import Prices
from local.upstream.server import build_app
from local.upstream.state import Upstream
from tests.upstream.caller import Caller, calling
from tests.upstream.test_generated_chain import SMALL

pytestmark = pytest.mark.anyio

V0: dict[str, Any] = {"encoding": "json", "maxSupportedTransactionVersion": 0}


@pytest.fixture
def generated() -> Upstream:
    """A stand-in over a small generated chain."""
    chain = GeneratedChain(seed=5, wallets=SMALL)
    return Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))


def _trader(upstream: Upstream) -> str:
    described = upstream.chain.describe()
    return next(str(row["address"]) for row in described if row["role"] == "trader")


async def test_rate_limit_fault_hits_as_often_as_asked(generated: Upstream) -> None:
    """Two 429s with Retry-After, then the answer; faulted calls are counted apart."""
    rule = {"method": "getSlot", "kind": "rate_limited", "count": 2, "retry_after": 3}
    async with calling(generated) as upstream:
        await upstream.control("faults", rules=[rule])
        call = {"jsonrpc": "2.0", "id": 1, "method": "getSlot"}
        answers = [await upstream.http.post("/", json=call) for _ in range(3)]
        counted = await upstream.counters()
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "3"
    assert counted["calls"] == {"getSlot": 3}
    assert counted["faults"] == {"rate_limited": 2}


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [("server_error", 503, b"upstream fault"), ("truncated", 200, b'{"jsonrpc":"2.0","re')],
)
async def test_broken_answers_come_as_asked(
    generated: Upstream, kind: str, status: int, text: bytes
) -> None:
    """A 5xx is plain text; a truncated body is the first half of the right one."""
    async with calling(generated) as upstream:
        await upstream.control("faults", rules=[{"method": "*", "kind": kind}])
        call = {"jsonrpc": "2.0", "id": 1, "method": "getSlot", "params": []}
        broken = await upstream.http.post("/", json=call)
        whole = await upstream.http.post("/", json=call)
    assert broken.status_code == status
    assert broken.content.startswith(text[:10])
    assert len(whole.content) > len(broken.content) or status == 503


async def test_timeout_fault_answers_late_and_empty(generated: Upstream) -> None:
    """A timeout holds the answer back for as long as asked."""
    rule = {"method": "getSlot", "kind": "timeout", "seconds": 0.05}
    async with calling(generated) as upstream:
        await upstream.control("faults", rules=[rule])
        began = asyncio.get_running_loop().time()
        answer = await upstream.http.post("/", json={"id": 1, "method": "getSlot"})
        took = asyncio.get_running_loop().time() - began
    assert answer.status_code == 504
    assert took >= 0.05


async def test_one_item_of_a_batch_may_fail(generated: Upstream) -> None:
    """A null result in a batch leaves the others whole; the next call is right again."""
    async with calling(generated) as upstream:
        rows = await upstream.result(
            "getSignaturesForAddress", _trader(generated), {"limit": 2, "commitment": "confirmed"}
        )
        await upstream.control(
            "faults", rules=[{"method": "getTransaction", "kind": "null_result"}]
        )
        calls = [
            {"id": at, "method": "getTransaction", "params": [row["signature"], V0]}
            for at, row in enumerate(rows)
        ]
        first = (await upstream.http.post("/", json=calls)).json()
        second = (await upstream.http.post("/", json=calls)).json()
        counted = await upstream.counters()
    assert [item["result"] is None for item in first] == [True, False]
    assert [item["result"] is None for item in second] == [False, False]
    assert counted["bodies_requested"] == {row["signature"]: 2 for row in rows}
    assert counted["bodies_served"] == {rows[0]["signature"]: 1, rows[1]["signature"]: 2}


async def test_gaps_and_duplicates_spoil_a_listing(generated: Upstream) -> None:
    """Every second row is missing, or comes twice."""
    wallet = _trader(generated)
    rules = [{"method": "getSignaturesForAddress", "kind": kind} for kind in ("gaps", "duplicates")]
    async with calling(generated) as upstream:
        await upstream.control("faults", rules=rules)
        listings = [await upstream.result("getSignaturesForAddress", wallet) for _ in range(3)]
    gaps, doubled, right = ([row["signature"] for row in listing] for listing in listings)
    assert gaps == right[::2]
    assert set(doubled) == set(right)
    assert len(doubled) == len(right) + len(right) // 2


async def test_chance_is_drawn_from_the_seed(generated: Upstream) -> None:
    """The same seed makes the same calls fail."""
    rule = {"method": "getSlot", "kind": "rpc_error", "count": None, "probability": 0.5}
    outcomes = []
    async with calling(generated) as upstream:
        for _ in range(2):
            await upstream.control("faults", rules=[rule], seed=4)
            outcomes.append(["error" in await upstream.rpc("getSlot") for _ in range(20)])
    assert outcomes[0] == outcomes[1]
    assert 0 < sum(outcomes[0]) < 20


async def test_append_and_clock_bring_new_transactions(generated: Upstream) -> None:
    """What is appended is confirmed at once and final once the clock has gone on."""
    wallet = _trader(generated)
    async with calling(generated) as upstream:
        made = await upstream.control("append", wallet=wallet, count=2, kind="buy")
        options = {"limit": 2, "commitment": "confirmed"}
        rows = await upstream.result("getSignaturesForAddress", wallet, options)
        assert [row["signature"] for row in rows] == made["signatures"][::-1]
        assert {row["confirmationStatus"] for row in rows} == {"confirmed"}
        await upstream.control("clock", advance=30)
        found = await upstream.result("getSignatureStatuses", made["signatures"])
    assert {status["confirmationStatus"] for status in found["value"]} == {"finalized"}


async def test_dropped_and_relanded_signatures(generated: Upstream) -> None:
    """A hidden signature is gone from listing, status and body; a re-landed one has moved."""
    wallet = _trader(generated)
    async with calling(generated) as upstream:
        rows = await upstream.result("getSignaturesForAddress", wallet, {"limit": 5})
        victim = rows[2]
        await upstream.control("visibility", hide=[victim["signature"]])
        assert await upstream.result("getTransaction", victim["signature"], V0) is None
        statuses = await upstream.result("getSignatureStatuses", [victim["signature"]])
        assert statuses["value"] == [None]
        await upstream.control("visibility", reveal=[victim["signature"]])
        slot = rows[0]["slot"] + 1
        await upstream.control("reland", signature=victim["signature"], slot=slot)
        body = await upstream.result("getTransaction", victim["signature"], V0)
        newest = await upstream.result("getSignaturesForAddress", wallet, {"limit": 1})
    assert body["slot"] == slot
    assert newest[0]["signature"] == victim["signature"]


async def test_rate_of_the_plan_is_enforced(generated: Upstream) -> None:
    """More calls within a second than the plan allows are refused, and counted as no calls."""
    async with calling(generated) as upstream:
        await upstream.control("plan", calls_per_second=3)
        call = {"jsonrpc": "2.0", "id": 1, "method": "getSlot"}
        answers = [await upstream.http.post("/", json=call) for _ in range(5)]
        counted = await upstream.counters()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert counted["total_calls"] == 3
    assert counted["peak_calls_per_second"] == 3
    assert counted["faults"] == {"over_rate": 2}


async def test_unfinished_transactions_show_to_those_who_ask_for_them(generated: Upstream) -> None:
    """A body not yet final is null by default and there for commitment `confirmed`."""
    async with calling(generated) as upstream:
        made = await upstream.control("append", wallet=_trader(generated), kind="buy")
        (signature,) = made["signatures"]
        assert await upstream.result("getTransaction", signature, V0) is None
        confirmed = {**V0, "commitment": "confirmed"}
        body = await upstream.result("getTransaction", signature, confirmed)
    assert body["transaction"]["signatures"] == [signature]


async def test_history_with_token_accounts_finds_what_keys_do_not(generated: Upstream) -> None:
    """Tokens sent to an open token account show only where its transactions are merged in."""
    wallet = _trader(generated)
    found: dict[str, set[str]] = {}
    async with calling(generated) as upstream:
        for wanted in ("none", "balanceChanged", "all"):
            options: dict[str, Any] = {"filters": {"tokenAccounts": wanted}}
            page = await upstream.result("getTransactionsForAddress", wallet, options)
            found[wanted] = {row["signature"] for row in page["data"]}
    assert found["none"] < found["balanceChanged"] <= found["all"]
    hidden = next(iter(found["balanceChanged"] - found["none"]))
    body = generated.chain.transaction(hidden)
    assert body is not None
    assert wallet not in body["transaction"]["message"]["accountKeys"]
    assert wallet in {row["owner"] for row in body["meta"]["postTokenBalances"]}


async def test_newer_token_accounts_are_packed_with_their_extension(generated: Upstream) -> None:
    """A Token-2022 account is 170 bytes: the classic ones, its kind, an immutable owner."""
    newer = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb"
    market = generated.chain.history(_trader(generated))[0].keys[0]
    async with calling(generated) as upstream:
        owners = {row["address"] for row in generated.chain.describe()} | {market}
        packed = []
        for owner in owners:
            asked = (owner, {"programId": newer}, {"encoding": "base64"})
            answer = await upstream.result("getTokenAccountsByOwner", *asked)
            packed += [base64.b64decode(row["account"]["data"][0]) for row in answer["value"]]
    assert packed
    assert {len(data) for data in packed} == {170}
    assert {data[165:] for data in packed} == {b"\x02\x07\x00\x00\x00"}


class Receiver:
    """A webhook's far end: remembers posts, fails the first ones."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.posts: list[tuple[str | None, list[dict[str, Any]]]] = []
        self.app = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])

    async def take(self, request: Request) -> Response:
        """Remember a post, or fail it."""
        if self.failures:
            self.failures -= 1
            return Response(status_code=500)
        body = orjson.loads(await request.body())
        self.posts.append((request.headers.get("authorization"), body))
        return Response(status_code=202)

    def client(self) -> httpx.AsyncClient:
        """Return a client whose every request ends up here."""
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app))


@pytest.fixture(autouse=True)
def quick_tries() -> Iterator[None]:
    """Let deliveries repeat without waiting a second."""
    kept = webhooks.TRY_EVERY_SECONDS, deliveries.LOOK_EVERY_SECONDS
    webhooks.TRY_EVERY_SECONDS, deliveries.LOOK_EVERY_SECONDS = 0.01, 0.01
    yield
    webhooks.TRY_EVERY_SECONDS, deliveries.LOOK_EVERY_SECONDS = kept


async def _register(upstream: Caller, wallet: str, kind: str = "raw") -> dict[str, Any]:
    hook = {
        "webhookURL": "http://receiver/hook",
        "transactionTypes": ["ANY"],
        "accountAddresses": [wallet],
        "webhookType": kind,
        "authHeader": "Bearer shared",
    }
    answer: dict[str, Any] = (await upstream.http.post("/v0/webhooks", json=hook)).json()
    return answer


async def test_webhook_registry_creates_replaces_and_deletes(generated: Upstream) -> None:
    """PUT replaces the whole object, PATCH toggles it, DELETE forgets it."""
    async with calling(generated) as upstream:
        hook = await _register(upstream, "a")
        path = f"/v0/webhooks/{hook['webhookID']}"
        changed = {**hook, "accountAddresses": ["b", "c"]}
        assert (await upstream.http.put(path, json=changed)).json()["accountAddresses"] == [
            "b",
            "c",
        ]
        assert (await upstream.http.patch(path, json={"active": False})).json()["active"] is False
        assert len((await upstream.http.get("/v0/webhooks")).json()) == 1
        assert (await upstream.http.delete(path)).status_code == 200
        assert (await upstream.http.get(path)).status_code == 404


async def test_a_webhook_that_keeps_failing_is_switched_off(generated: Upstream) -> None:
    """After so many losses in a row it hears nothing, until it is switched on again."""
    wallet = _trader(generated)
    generated.webhooks.switched_off_after = 2
    receiver = Receiver(failures=3)
    async with calling(generated) as upstream, receiver.client() as client:
        upstream.app.state.client = client
        hook = await _register(upstream, wallet)
        path = f"/v0/webhooks/{hook['webhookID']}"
        await upstream.control("deliver", wallet=wallet, count=2)
        receiver.failures = 6
        kept = (await upstream.http.get(path)).json()["active"]
        await upstream.control("deliver", wallet=wallet, count=2)
        off = (await upstream.http.get(path)).json()["active"]
        unheard = await upstream.control("deliver", wallet=wallet, count=1)
        await upstream.http.patch(path, json={"active": True})
        heard = await upstream.control("deliver", wallet=wallet, count=1)

    assert (kept, off) == (True, False)
    assert unheard["posts"] == []
    assert [post["delivered"] for post in heard["posts"]] == [True]


def test_only_accounts_that_a_list_names_are_told_of() -> None:
    """A transfer into a token account is not told to who names its owner alone."""
    row = TokenRow("account", "mint", "owner", TOKEN_PROGRAM, 6, 0, 5)
    record = Record(
        signature="s",
        slot=1,
        tx_index=None,
        block_time=None,
        err=None,
        memo=None,
        keys=("sender", "account"),
        signers=1,
        post_lamports=(0, 0),
        tokens=(row,),
        load=lambda _: {},
    )
    registry = webhooks.Webhooks()
    wanted = {"webhookURL": "http://receiver/hook", "webhookType": "raw"}
    registry.create({**wanted, "accountAddresses": ["owner"]})
    named = registry.create({**wanted, "accountAddresses": ["owner", "account"]})

    assert registry.interested(record) == [named]


async def test_deliveries_try_three_times(generated: Upstream) -> None:
    """Two failures and a success deliver; three failures lose the event for good."""
    wallet = _trader(generated)
    receiver = Receiver(failures=2)
    async with calling(generated) as upstream, receiver.client() as client:
        upstream.app.state.client = client
        await _register(upstream, wallet)
        sent = await upstream.control("deliver", wallet=wallet, count=1)
        receiver.failures = 3
        lost = await upstream.control("deliver", wallet=wallet, count=1, skip=1)
        counted = await upstream.counters()
    posts = [*sent["posts"], *lost["posts"]]
    assert all(0 <= post.pop("seconds") < 1 for post in posts)
    assert posts == [
        {"status": 202, "attempts": 3, "delivered": True},
        {"status": 500, "attempts": 3, "delivered": False},
    ]
    assert counted["deliveries"] == {"retried": 4, "delivered": 1, "lost": 1}
    authorization, items = receiver.posts[0]
    assert authorization == "Bearer shared"
    fields = {"blockTime", "indexWithinBlock", "meta", "slot", "transaction", "version"}
    assert set(items[0]) == fields


async def test_deliveries_repeat_and_shuffle(generated: Upstream) -> None:
    """Asked for twice and shuffled, each signature comes twice, in another order."""
    wallet = _trader(generated)
    receiver = Receiver()
    async with calling(generated) as upstream, receiver.client() as client:
        upstream.app.state.client = client
        how = {"repeats": 2, "shuffle": True, "per_post": 4, "url": "http://receiver/hook"}
        await upstream.control("deliver", wallet=wallet, count=10, **how)
    came = [i["transaction"]["signatures"][0] for _, items in receiver.posts for i in items]
    first = [record.signature for record in generated.chain.history(wallet)[:10]]
    assert sorted(came) == sorted(first * 2)
    assert came != first * 2
    assert len(receiver.posts) == 5


async def test_enhanced_deliveries_leave_failures_out(generated: Upstream) -> None:
    """An enhanced webhook carries exact account data, and no failed transaction."""
    wallet = _trader(generated)
    receiver = Receiver()
    async with calling(generated) as upstream, receiver.client() as client:
        upstream.app.state.client = client
        await _register(upstream, wallet, "enhanced")
        made = await upstream.control("append", wallet=wallet, kind="failed", deliver=True)
        assert made["posts"] == []
        made = await upstream.control("append", wallet=wallet, kind="buy", deliver=True)
    ((_, (item,)),) = receiver.posts
    assert item["signature"] == made["signatures"][0]
    assert sum(row["nativeBalanceChange"] for row in item["accountData"]) == -item["fee"]


async def test_live_chain_delivers_as_time_passes(generated: Upstream) -> None:
    """With the follower on, what the clock brings reaches the webhooks by itself."""
    wallet = _trader(generated)
    receiver = Receiver()
    app = build_app(generated, live=True)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        receiver.client() as client,
        httpx.AsyncClient(transport=transport, base_url="http://upstream") as http,
    ):
        app.state.client = client
        caller = Caller(http, app)
        await _register(caller, wallet)
        await caller.control("clock", advance=3 * 86_400)
        for _ in range(200):
            if receiver.posts:
                break
            await asyncio.sleep(0.02)
    assert receiver.posts


async def test_one_transaction_of_each_wallet_at_once(generated: Upstream) -> None:
    """Asked for several wallets, each acts once, in the order of the request."""
    before = {row["role"]: row["transactions"] for row in generated.chain.describe()}
    async with calling(generated) as upstream:
        made = await upstream.control(
            "append", wallets=["trader", "guest", "trader"], kind="failed"
        )
        told = (await upstream.http.get("/_control/chain")).json()["wallets"]
    after = {row["role"]: row["transactions"] for row in told}
    assert len(set(made["signatures"])) == 3
    assert after["trader"] - before["trader"] == 2
    assert after["guest"] - before["guest"] == 1


async def test_bodies_answered_twice_tell_when(generated: Upstream) -> None:
    """A body answered whole more than once is told with its times; spoiled answers are none."""
    record = generated.chain.history(_trader(generated))[0]
    rule = {"method": "getTransaction", "kind": "truncated", "count": 1}
    async with calling(generated) as upstream:
        await upstream.control("faults", rules=[rule])
        call = {"id": 1, "method": "getTransaction", "params": [record.signature, V0]}
        for _ in range(3):
            await upstream.http.post("/", json=call)
        counted = await upstream.counters()
    (times,) = counted["repeats"].values()
    assert len(times) == 2
    assert times == sorted(times)
