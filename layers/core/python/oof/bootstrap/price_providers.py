"""Those who sell prices, each behind a gate of its own that all functions share."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import httpx

from oof.adapters.dynamo.provider_gate import DynamoProviderGate
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.prices.client import PriceClient, decimals_of
from oof.adapters.prices.geckoterminal import GeckoTerminalPrices
from oof.adapters.prices.jupiter import JupiterPrices
from oof.adapters.prices.pyth import PythPrices
from oof.app.refresh_prices import AskPricesDeps
from oof.bootstrap.clients import read_secret
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.prices.candles import Source
from oof.ports.prices import PriceProvider
from oof.settings import StepAskPricesSettings

RATE_PER_S: Final = {Source.PYTH: 3, Source.JUPITER: 1, Source.GECKOTERMINAL: 1}
"""What each allows without a key: Pyth 30 in ten seconds, the others 30 a minute."""
WEIGHT: Final = {Source.PYTH: 1, Source.JUPITER: 2, Source.GECKOTERMINAL: 2}
"""Plans count whole calls a second: where one is allowed every two seconds, it counts twice."""
READS_PER_DAY: Final = 100_000

_BUILT: Final[Mapping[Source, Callable[[PriceClient], PriceProvider]]] = {
    Source.PYTH: PythPrices,
    Source.JUPITER: JupiterPrices,
    Source.GECKOTERMINAL: GeckoTerminalPrices,
}


def ask_prices_deps() -> AskPricesDeps:
    """Dependencies of `ask_prices`; providers count what this event asks."""
    providers = [_provider(source) for source in _settings().price_sources if source in _BUILT]
    return AskPricesDeps(providers=providers, blobs=run_blobs())


def _provider(source: Source) -> PriceProvider:
    transport = Transport(
        client=_http_client(),
        endpoint=_endpoint(source),
        limiter=_gate(source),
        share=Share.TAIL,
        decode=decimals_of,
    )
    return _BUILT[source](PriceClient(transport, weight=WEIGHT[source]))


def _endpoint(source: Source) -> Endpoint:
    settings = _settings()
    if source is Source.PYTH:
        return Endpoint(settings.pyth_url, "")
    if source is Source.GECKOTERMINAL:
        return Endpoint(settings.geckoterminal_url, "")
    return Endpoint(settings.jupiter_url, _jupiter_key(), key_header="x-api-key")


@cache
def _settings() -> StepAskPricesSettings:
    return StepAskPricesSettings.from_env()


@cache
def _jupiter_key() -> str:
    return str(read_secret(_settings().price_secret_arn).get("jupiter_api_key") or "")


@cache
def _http_client() -> httpx.Client:
    return httpx.Client(timeout=httpx.Timeout(20.0, connect=5.0))


@cache
def _gate(source: Source) -> DynamoProviderGate:
    rate = RATE_PER_S[source] * _settings().price_rate_factor
    plan = plan_of(rpc_per_s=rate, enhanced_per_s=1, credits_per_day=READS_PER_DAY)
    name = f"prices-{source}"
    return DynamoProviderGate(dynamo_client(), _settings().hot_table, plan, provider=name)
