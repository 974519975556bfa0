"""Those who know tokens, by the stand-in, by odd answers, and by every way of saying no."""

import asyncio
import json

import httpx
import orjson
import pytest
import stamina

from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from local.upstream.tokens import token_of
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.prices.client import PriceClient
from oof.adapters.tokens.dexscreener import DexScreenerTokens
from oof.adapters.tokens.helius import HeliusTokens
from oof.adapters.tokens.jupiter import JupiterTokens
from oof.domain.errors import UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.tokens_facts import MAX_SYMBOL, TokenSource
from oof.domain.units import SOL_MINT, Mint
from oof.ports.memory.limiter import MemoryRateLimiter
from tests.support.transactions import address
from tests.support.upstream import InProcess

KEY = "not-to-be-seen"
COIN, OTHER = Mint(address("coin")), Mint(address("other"))
MANY = tuple(Mint(address(f"coin {at}")) for at in range(30))
PROVIDERS = ("jupiter", "helius", "dexscreener")


def provider(name: str, transport: httpx.BaseTransport):
    """A provider whose requests go to `transport`, without pauses."""
    plan = plan_of(rpc_per_s=50, enhanced_per_s=50, credits_per_day=10**6)
    made = Transport(
        client=httpx.Client(transport=transport, base_url="http://tokens"),
        endpoint=Endpoint("", KEY, key_header="" if name == "helius" else "x-api-key"),
        limiter=MemoryRateLimiter(plan, lambda: 0),
        share=Share.TAIL,
        sleep=lambda _: None,
    )
    if name == "helius":
        return HeliusTokens(made)
    return (JupiterTokens if name == "jupiter" else DexScreenerTokens)(PriceClient(made))


def answering(name: str, *bodies: object):
    """A provider that is answered so, one after the other, and what it asked."""
    asked: list[httpx.Request] = []
    left = iter(bodies)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        body = next(left)
        if isinstance(body, httpx.Response):
            return body
        if name == "helius":
            body = {"jsonrpc": "2.0", "id": 0, "result": body}
        return httpx.Response(200, content=json.dumps(body))

    return provider(name, httpx.MockTransport(handle)), asked


def entry(provider_name: str, mint: str, **said: object) -> object:
    """What a provider says of a mint, in its own shape."""
    symbol, called = said.get("symbol", "CAT"), said.get("name", "Cat")
    decimals, logo = said.get("decimals", 6), said.get("logo", "https://logos.example/cat.png")
    if provider_name == "jupiter":
        return {"id": mint, "symbol": symbol, "name": called, "decimals": decimals, "icon": logo}
    if provider_name == "helius":
        return {
            "id": mint,
            "content": {"metadata": {"symbol": symbol, "name": called}, "links": {"image": logo}},
            "token_info": {"decimals": decimals},
        }
    token = {"address": mint, "symbol": symbol, "name": called}
    return {"baseToken": token, "quoteToken": {"address": SOL_MINT}, "info": {"imageUrl": logo}}


@pytest.fixture(autouse=True)
def hasty():
    """Retries do not pause."""
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """A chain."""
    made = GeneratedChain(seed=4, wallets=(WalletSpec(name="ann", transactions=3, days=2),))
    made.catch_up()
    return made


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_stand_in_s_tokens_as_each_tells_them(chain, name):
    """Those it knows and no others, cleaned, in one request; SOL is known to all."""
    upstream = Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))
    mints = (SOL_MINT, *MANY[: 29 if name == "dexscreener" else 30])
    with asyncio.Runner() as runner:
        asked = provider(name, InProcess(upstream, runner))
        told = asked.tell(mints)
    known = {mint for mint in mints if name in token_of(upstream, mint).providers}
    assert told.keys() == known
    assert 1 < len(known) < len(mints)
    assert asked.reads == 1
    assert told[SOL_MINT].symbol == "SOL"
    for mint, each in told.items():
        assert each.mint == mint
        assert each.source == TokenSource(name)
        assert each.name is not None
        assert "\u202e" not in each.name
        assert each.logo is None or each.logo.startswith("https://")
        assert (each.is_verified is None) == (name != "jupiter")


def test_each_asks_as_documented():
    """Mints by commas, in the path, or as ids of one call; Helius' key is no header."""
    jupiter, asked = answering("jupiter", [])
    assert jupiter.tell((COIN, OTHER)) == {}
    assert asked[0].url.path == "/tokens/v2/search"
    assert asked[0].url.params["query"] == f"{COIN},{OTHER}"
    assert asked[0].headers["x-api-key"] == KEY

    screener, asked = answering("dexscreener", [])
    assert screener.tell((COIN, OTHER)) == {}
    assert asked[0].url.path == f"/tokens/v1/solana/{COIN},{OTHER}"

    helius, asked = answering("helius", [None, None])
    assert helius.tell((COIN, OTHER)) == {}
    call = orjson.loads(asked[0].content)
    assert (call["method"], call["params"]) == ("getAssetBatch", {"ids": [COIN, OTHER]})
    assert asked[0].url.params["api-key"] == KEY


@pytest.mark.parametrize("name", PROVIDERS)
def test_odd_entries_are_left_out_and_the_rest_is_kept(name):
    """Nulls, wrong types, strangers, huge texts: none of it stops what is sound."""
    odd = [
        None,
        7,
        "CAT",
        [],
        {},
        {"id": None, "baseToken": None, "quoteToken": 5, "info": "x"},
        {"id": COIN, "content": "none", "token_info": [], "baseToken": {"address": COIN}},
        entry(name, "a stranger"),
        entry(name, COIN, symbol=None, name={"en": "Cat"}),
        entry(name, OTHER, symbol="x" * 10**6, name=["a"], decimals="6", logo="ipfs://x"),
    ]
    asked, _ = answering(name, odd)
    told = asked.tell((COIN, OTHER))
    assert told.keys() == {OTHER}
    assert len(told[OTHER].symbol) == MAX_SYMBOL
    assert (told[OTHER].name, told[OTHER].decimals, told[OTHER].logo) == (None, None, None)


def test_a_pool_names_both_of_its_tokens_and_pictures_one():
    """The quote side is told as well; a picture is that of the base token."""
    pair = {
        "baseToken": {"address": OTHER, "symbol": "DOG", "name": "Dog"},
        "quoteToken": {"address": COIN, "symbol": "CAT", "name": "Cat"},
        "info": {"imageUrl": "https://logos.example/dog.png"},
    }
    turned = entry("dexscreener", COIN)
    asked, _ = answering("dexscreener", [pair, turned])
    told = asked.tell((COIN, OTHER))
    assert told[OTHER].logo == "https://logos.example/dog.png"
    assert (told[COIN].symbol, told[COIN].logo) == ("CAT", "https://logos.example/cat.png")


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("body", [{}, "text", None, 5])
def test_an_answer_of_no_known_shape_is_a_fault_that_passes(name, body):
    """It speaks against the provider, not against the mints."""
    asked, _ = answering(name, body)
    with pytest.raises(UpstreamUnavailable):
        asked.tell((COIN,))


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize(
    ("status", "fault"),
    [(429, UpstreamUnavailable), (503, UpstreamUnavailable), (400, UpstreamRejected)],
)
def test_refusals_are_sorted_as_everywhere(name, status, fault):
    """What passes is tried again and told apart from what does not; no fault shows the key."""
    refusals = [httpx.Response(status, headers={"retry-after": "0"})] * 2
    asked, sent = answering(name, *refusals)
    with pytest.raises(fault) as caught:
        asked.tell((COIN,))
    assert KEY not in str(caught.value)
    assert len(sent) == (1 if fault is UpstreamRejected else 2)


def test_helius_error_objects_are_sorted_by_their_code():
    """A method that the plan lacks is rejected; a node that is behind is asked again."""
    unknown = httpx.Response(200, json={"id": 0, "error": {"code": -32601, "message": "no"}})
    behind = httpx.Response(200, json={"id": 0, "error": {"code": -32005, "message": KEY}})
    asked, _ = answering("helius", unknown)
    with pytest.raises(UpstreamRejected):
        asked.tell((COIN,))
    asked, sent = answering("helius", behind, [entry("helius", COIN)])
    assert asked.tell((COIN,))[COIN].symbol == "CAT"
    assert len(sent) == 2
