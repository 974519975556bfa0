"""Those who know tokens, each behind the gate that its provider's other calls go through."""

from functools import cache
from typing import Final

import httpx

from oof.adapters.dynamo.provider_gate import DynamoProviderGate
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.prices.client import PriceClient
from oof.adapters.tokens.dexscreener import DexScreenerTokens
from oof.adapters.tokens.helius import HeliusTokens
from oof.adapters.tokens.jupiter import JupiterTokens
from oof.app.refresh_tokens import AskTokensDeps
from oof.bootstrap.clients import read_secret
from oof.bootstrap.runs import dynamo_client, run_blobs
from oof.bootstrap.upstream import rpc_transport
from oof.domain.gate import plan_of
from oof.domain.limits import Share
from oof.domain.tokens_facts import TokenSource
from oof.ports.tokens import TokenProvider
from oof.settings import StepAskTokensSettings

RATE_PER_S: Final = {TokenSource.JUPITER: 1, TokenSource.DEXSCREENER: 4}
"""What each allows without a key: Jupiter one every two seconds, DexScreener 300 a minute."""
WEIGHT: Final = {TokenSource.JUPITER: 2, TokenSource.DEXSCREENER: 1}
"""Plans count whole calls a second: where one is allowed every two seconds, it counts twice."""
GATES: Final = {TokenSource.JUPITER: "prices-jupiter", TokenSource.DEXSCREENER: "dexscreener"}
"""A provider's plan is one, whatever it is asked about."""
READS_PER_DAY: Final = 100_000


def ask_tokens_deps() -> AskTokensDeps:
    """Dependencies of `ask_tokens`; providers count what this event asks."""
    providers = [_provider(source) for source in _settings().token_sources]
    return AskTokensDeps(providers=providers, blobs=run_blobs())


def _provider(source: TokenSource) -> TokenProvider:
    if source is TokenSource.HELIUS:
        # nobody waits for a name as they do for their history
        return HeliusTokens(rpc_transport(Share.SPARE))
    if source is TokenSource.JUPITER:
        return JupiterTokens(_client(source))
    return DexScreenerTokens(_client(source))


def _client(source: TokenSource) -> PriceClient:
    transport = Transport(
        client=_http_client(),
        endpoint=_endpoint(source),
        limiter=_gate(source),
        share=Share.TAIL,
    )
    return PriceClient(transport, weight=WEIGHT[source])


def _endpoint(source: TokenSource) -> Endpoint:
    settings = _settings()
    if source is TokenSource.DEXSCREENER:
        return Endpoint(settings.dexscreener_url, "")
    key = str(read_secret(settings.upstream_secret_arn).get("jupiter_api_key") or "")
    return Endpoint(settings.jupiter_url, key, key_header="x-api-key")


@cache
def _settings() -> StepAskTokensSettings:
    return StepAskTokensSettings.from_env()


@cache
def _http_client() -> httpx.Client:
    return httpx.Client(timeout=httpx.Timeout(20.0, connect=5.0))


@cache
def _gate(source: TokenSource) -> DynamoProviderGate:
    rate = RATE_PER_S[source] * _settings().price_rate_factor
    plan = plan_of(rpc_per_s=rate, enhanced_per_s=1, credits_per_day=READS_PER_DAY)
    table = _settings().hot_table
    return DynamoProviderGate(dynamo_client(), table, plan, provider=GATES[source])
