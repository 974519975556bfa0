"""Those who sell prices, by their recorded answers, the stand-in, and every way of saying no."""

import asyncio
import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
import stamina

from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from local.upstream.prices import Prices, recorded_prices
from local.upstream.state import Upstream
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.prices.client import PriceClient, decimals_of
from oof.adapters.prices.geckoterminal import GeckoTerminalPrices
from oof.adapters.prices.jupiter import JupiterPrices
from oof.adapters.prices.pyth import PythPrices
from oof.domain.errors import UpstreamRejected, UpstreamUnavailable
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.prices.candles import DAY_S, Source, Width
from oof.domain.prices.wants import Want, quote_of
from oof.domain.units import SOL_MINT, Mint, UnixSeconds
from oof.ports.memory.limiter import MemoryRateLimiter
from tests.support.upstream import InProcess

JUP = Mint("JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN")
BTC = Mint("3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh")
KEY = "not-to-be-seen"
HOUR_WANT = Want(
    SOL_MINT, UnixSeconds(1_779_800_000 // 3_600 * 3_600), UnixSeconds(1_780_000_000), Width.HOUR
)


def want_of(mint, start, end, width):
    """A page to ask for."""
    return Want(mint, start, end, width)


def quote(mint, now):
    """The price now to ask for."""
    return quote_of(mint, now)


def asking(transport: httpx.BaseTransport) -> PriceClient:
    """A client whose requests go to `transport`, without pauses."""
    plan = plan_of(rpc_per_s=50, enhanced_per_s=1, credits_per_day=10**6)
    return PriceClient(
        Transport(
            client=httpx.Client(transport=transport, base_url="http://prices"),
            endpoint=Endpoint("", KEY, key_header="x-api-key"),
            limiter=MemoryRateLimiter(plan, lambda: 0),
            share=Share.TAIL,
            sleep=lambda _: None,
            decode=decimals_of,
        )
    )


def answering(*answers: httpx.Response) -> tuple[PriceClient, list[httpx.Request]]:
    """A client that is answered so, one after the other, and what it asked."""
    asked: list[httpx.Request] = []
    left = iter(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return next(left)

    return asking(httpx.MockTransport(handle)), asked


def said(body: object) -> httpx.Response:
    """An answer in JSON."""
    return httpx.Response(200, content=json.dumps(body))


@pytest.fixture(autouse=True)
def hasty():
    """Retries do not pause."""
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """A chain whose SOL has a price at every time."""
    made = GeneratedChain(seed=4, wallets=(WalletSpec(name="ann", transactions=3, days=2),))
    made.catch_up()
    return made


@pytest.fixture
def standing_in(chain):
    """A client of the stand-in over that chain."""
    upstream = Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))
    with asyncio.Runner() as runner:
        yield asking(InProcess(upstream, runner))


@pytest.fixture
def recorded(chain, chain_dir: Path):
    """A client of the stand-in over recorded answers."""
    upstream = Upstream(chain=chain, prices=recorded_prices(chain_dir / "prices"))
    with asyncio.Runner() as runner:
        yield asking(InProcess(upstream, runner))


def test_jupiter_as_recorded(recorded):
    """Exact to twelve digits; who has no price is left out."""
    now = 1_750_000_000
    wants = [quote(mint, now) for mint in (SOL_MINT, JUP, BTC)]
    provider = JupiterPrices(recorded)
    told = provider.tell(wants)

    assert {want.mint: candle.close for want, (candle,) in told.items()} == {
        SOL_MINT: Decimal("147.478934074"),
        JUP: Decimal("0.405601851254"),
    }
    [candle] = told[wants[0]]
    assert (candle.start, candle.width) == (now // 60 * 60, Width.MINUTE)
    assert (candle.source, candle.confidence) == (Source.JUPITER, 75)
    assert provider.reads == 1


def test_pyth_as_recorded(recorded):
    """Columns become candles, in order; an answer of nothing is no failure."""
    provider = PythPrices(recorded, {BTC: "Crypto.BTC/USD"})
    start = 1_684_127_160
    want = want_of(BTC, start, start + 120, Width.MINUTE)
    empty = want_of(BTC, start + 600, start + 660, Width.MINUTE)
    told = provider.tell([want])

    first, second = told[want]
    assert (first.start, first.open, first.low) == (
        start,
        Decimal("27281.83"),
        Decimal("27279.2458045"),
    )
    assert second.close == 27294
    assert (second.volume_usd, second.source) == (None, Source.PYTH)
    assert provider.tell([empty]) == {}


def test_geckoterminal_as_recorded(recorded):
    """Found by its deepest pool; rows come newest first and leave ascending, with volume."""
    provider = GeckoTerminalPrices(recorded)
    nobody = HOUR_WANT._replace(mint=BTC)
    told = provider.tell([HOUR_WANT, nobody])

    older, newer = told[HOUR_WANT]
    assert (older.start, newer.start) == (1_779_840_000, 1_779_926_400)
    assert newer.volume_usd == Decimal("31314919.2214")
    assert newer.high == Decimal("83.8971583221")
    assert nobody not in told
    assert provider.reads == 3


def test_pyth_tells_what_the_chain_trades_at(standing_in, chain):
    """Every minute of a day's half has a candle, beginning where the one before ended."""
    start = int(chain.now()) // DAY_S * DAY_S - DAY_S
    want = want_of(SOL_MINT, start, start + DAY_S // 2, Width.MINUTE)
    provider = PythPrices(standing_in)
    candles = provider.tell([want])[want]

    assert [candle.start for candle in candles] == list(range(start, start + DAY_S // 2, 60))
    assert all(one.close == two.open for one, two in pairwise(candles))
    assert not provider.tells(want._replace(mint=BTC))
    assert not provider.tells(quote(SOL_MINT, start))


def test_the_deepest_pool_is_asked_for_the_mint_itself():
    """Not the one with the most volume, and never the other side's price."""
    pools = [
        {"attributes": {"address": name, "reserve_in_usd": depth}}
        for name, depth in (("busy", "10.5"), ("deep", "9000"), ("dry", None))
    ]
    row = [HOUR_WANT.start, 1.5, 2, 1, "1.25", 3]
    outside, broken = [HOUR_WANT.start - 3_600, *row[1:]], [HOUR_WANT.start + 3_600, 1, 2, 5, 1, 3]
    bars = {"data": {"attributes": {"ohlcv_list": [broken, row, outside]}}}
    client, asked = answering(said({"data": pools}), said(bars), said(bars))
    provider = GeckoTerminalPrices(client)
    told = provider.tell([HOUR_WANT])
    provider.tell([HOUR_WANT])

    assert [candle.start for candle in told[HOUR_WANT]] == [HOUR_WANT.start]
    assert asked[1].url.path == "/api/v2/networks/solana/pools/deep/ohlcv/hour"
    assert asked[1].url.params["token"] == SOL_MINT
    assert asked[1].url.params["before_timestamp"] == str(HOUR_WANT.end)
    assert len(asked) == 3


def test_the_key_travels_in_a_header_alone():
    """No URL has it."""
    client, asked = answering(said({}))
    assert JupiterPrices(client).tell([quote(SOL_MINT, 0)]) == {}
    assert asked[0].headers["x-api-key"] == KEY
    assert KEY not in str(asked[0].url)


def test_a_mint_without_pools_is_no_failure():
    """Neither is one nobody ever heard of."""
    for answer in (said({"data": []}), httpx.Response(404)):
        client, _ = answering(answer)
        assert GeckoTerminalPrices(client).tell([HOUR_WANT]) == {}


def test_what_is_no_price_is_left_out():
    """Null, zero and NaN are no price, and never 0."""
    wants = [quote(Mint(mint), 0) for mint in "abcd"]
    body = '{"a": null, "b": {"usdPrice": 0}, "c": {"usdPrice": NaN}, "d": {"usdPrice": null}}'
    client, _ = answering(httpx.Response(200, content=body))
    assert JupiterPrices(client).tell(wants) == {}


@pytest.mark.parametrize(
    ("provider", "want"),
    [
        (PythPrices, HOUR_WANT),
        (JupiterPrices, quote(SOL_MINT, 0)),
        (GeckoTerminalPrices, HOUR_WANT),
    ],
)
def test_faults_are_sorted_as_everywhere(provider, want):
    """What passes is tried again, then unavailable; what does not is rejected at once."""
    cases = (
        (httpx.Response(500), UpstreamUnavailable, 2),
        (httpx.Response(429), UpstreamUnavailable, 2),
        (httpx.Response(200, content=b"{broken"), UpstreamUnavailable, 2),
        (said([1]), UpstreamUnavailable, 1),
        (httpx.Response(400), UpstreamRejected, 1),
        (httpx.Response(403), UpstreamRejected, 1),
    )
    for answer, fault, tries in cases:
        client, asked = answering(*[answer] * tries)
        with pytest.raises(fault) as caught:
            provider(client).tell([want])
        assert len(asked) == tries
        assert KEY not in str(caught.value)
