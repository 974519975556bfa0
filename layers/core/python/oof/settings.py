"""Every setting of every function: read once, at cold start, from the environment.

One frozen model a function, composed from small mixins. The stacks set exactly these variables;
a test holds each function's environment against its model. The webhook function carries no
third-party layer, so its settings are in `settings_webhook`, with the standard library alone.
"""

import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from oof.domain.prices.candles import Source
from oof.domain.tokens_facts import TokenSource


def _named(value: object) -> object:
    """Return names that stand in one text, with commas."""
    return tuple(value.split(",")) if isinstance(value, str) else value


def _object(value: object) -> object:
    """Return a JSON object that stands in one text, its numbers as they are written."""
    return json.loads(value, parse_float=Decimal) if isinstance(value, str) else value


class Settings(BaseModel):
    """What every function knows."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    stage: str = Field(min_length=1)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read `OOF_<FIELD>` variables. Raises ValidationError naming what is missing."""
        source = os.environ if environ is None else environ
        prefix = "OOF_"
        values = {
            key.removeprefix(prefix).lower(): value
            for key, value in source.items()
            if key.startswith(prefix) and value != ""
        }
        return cls.model_validate(values)


class DatabaseSettings(Settings):
    """A function that holds one connection to Postgres."""

    database_secret_arn: str
    database_host: str = ""
    """Where to connect when it is not the secret's host: a proxy."""


class HotTableSettings(Settings):
    """A function that reads or projects snapshots, jobs and limits."""

    hot_table: str


class FactsBucketSettings(Settings):
    """A function that reads or writes packs, inboxes and run state."""

    facts_bucket: str


class ApplyQueueSettings(Settings):
    """A function that wakes wallets."""

    apply_queue_url: str


class StoreQueueSettings(Settings):
    """A function that hands bodies to the one store path."""

    store_queue_url: str


class FetchQueueSettings(Settings):
    """A function that asks for bodies by signature."""

    fetch_queue_url: str


class AnalysisQueueSettings(Settings):
    """A function that has analyses worked out."""

    analysis_queue_url: str


class WorkflowSettings(Settings):
    """A function that starts backfills."""

    backfill_machine_arn: str


class PricesStartSettings(Settings):
    """A function that has prices refreshed out of turn."""

    prices_machine_arn: str


class TokensStartSettings(Settings):
    """A function that has tokens asked about out of turn."""

    tokens_machine_arn: str


class UpstreamSettings(HotTableSettings):
    """A function that calls the provider; the shared token bucket lives in the hot table."""

    upstream_rpc_url: str
    upstream_api_url: str
    upstream_secret_arn: str
    """The secret holds `{"api_key": "…", "fallback_api_key": "…"}`; an empty key sends none. A
    `{key}` in a URL is where its key goes."""
    upstream_rate_per_s: Annotated[int, Field(gt=0)] = 50
    upstream_enhanced_rate_per_s: Annotated[int, Field(gt=0)] = 10
    """Of enhanced calls and the management of webhooks, limited apart from RPC."""
    upstream_credits_per_day: Annotated[int, Field(gt=0)] = 330_000
    """What may be spent in a UTC day; `domain.gate` says what stops on the way there."""
    upstream_fallback_rpc_url: str = ""
    """A second provider's RPC, asked where the first fails; empty for none."""
    upstream_fallback_rate_per_s: Annotated[int, Field(gt=0)] = 10
    upstream_fallback_credits_per_day: Annotated[int, Field(gt=0)] = 330_000
    upstream_by_address: bool = True
    """Whether the plan allows `getTransactionsForAddress`."""
    upstream_timeout_s: Annotated[int, Field(gt=0)] = 20


class LimitSettings(Settings):
    """The guard of opening wallets, and how far a backfill goes."""

    first_page_signatures: Annotated[int, Field(gt=0)] = 25
    page_signatures: Annotated[int, Field(gt=0)] = 300
    pages_ahead: Annotated[int, Field(gt=0, le=40)] = 8
    """Pages listed at once; the workflow brings in a few of them side by side."""
    first_open_days: Annotated[int, Field(gt=0)] = 14
    first_open_signatures: Annotated[int, Field(gt=0)] = 2_000
    chunk_days: Annotated[int, Field(gt=0)] = 30
    chunk_signatures: Annotated[int, Field(gt=0)] = 5_000
    history_ceiling_days: Annotated[int, Field(gt=0)] = 730
    too_active_signatures_per_day: Annotated[int, Field(gt=0)] = 1_000
    opens_per_caller_per_day: Annotated[int, Field(gt=0)] = 50
    opens_per_day: Annotated[int, Field(gt=0)] = 5_000
    tail_fresh_s: Annotated[int, Field(gt=0)] = 120
    tail_runs_at_once: Annotated[int, Field(gt=0)] = 50
    """Listings that tail repair has under way: an outage's wallets take turns."""
    webhook_silence_s: Annotated[int, Field(gt=0)] = 600
    """Wallets that move for so long without any delivery mean that events are being lost."""
    lease_s: Annotated[int, Field(gt=0)] = 300
    """For how long nobody else asks for a body: longer than its holder waits for a store that is
    away."""


class WebhookUrlSettings(Settings):
    """A function that keeps the provider's webhooks."""

    webhook_url: str = ""
    """Where the provider posts to; empty where it cannot reach us: then there are no webhooks."""


class WatchPolicySettings(WebhookUrlSettings):
    """Who is on a webhook and who is polled, and how often the provider is told."""

    wallet_events_per_day: Annotated[int, Field(gt=0)] = 2_000
    """A wallet that moves more is polled."""
    webhook_addresses: Annotated[int, Field(gt=0, le=100_000)] = 90_000
    """The most that one webhook names: accounts were cut off below the documented 100,000."""
    webhook_filled_at: Annotated[int, Field(gt=0)] = 75_000
    """From here on newcomers go to another webhook: who is there already has room to grow."""
    webhook_put_every_s: Annotated[int, Field(gt=0)] = 900
    """How often accounts that came or went are told, when nobody waits: a put costs credits."""
    webhook_look_every_s: Annotated[int, Field(gt=0)] = 1_800
    """How often the provider's own list is read, to find what was changed or switched off."""


class PriceOrderSettings(Settings):
    """Whom prices come from: the first is asked first, the next for what is still missing."""

    price_sources: Annotated[tuple[Source, ...], BeforeValidator(_named), Field(min_length=1)] = (
        Source.PYTH,
        Source.GECKOTERMINAL,
        Source.JUPITER,
        Source.SWAPS,
    )
    """In the environment, names with commas. Our own swaps fill what nobody told, where named."""


class QueueHealthSettings(
    StoreQueueSettings, FetchQueueSettings, ApplyQueueSettings, AnalysisQueueSettings
):
    """A function that reports how long the queues are."""


class ApiServeWalletsSettings(
    DatabaseSettings,
    HotTableSettings,
    FactsBucketSettings,
    QueueHealthSettings,
    WorkflowSettings,
    LimitSettings,
):
    """`/v1/*`."""

    statuses_fresh_for_s: Annotated[int, Field(gt=0)] = 600
    """How long ago the newest end of a fresh wallet may have been looked at."""
    cursor_secret_arn: str
    """The secret holds `{"current": "…", "previous": "…"|null}`: two keys valid at once."""
    cors_origins: str = ""
    analyses_per_caller_per_minute: Annotated[int, Field(gt=0)] = 5
    analyses_per_minute: Annotated[int, Field(gt=0)] = 60


class StoringSettings(
    DatabaseSettings, FactsBucketSettings, ApplyQueueSettings, FetchQueueSettings, LimitSettings
):
    """A function at the end of the one store path."""

    webhook_sample_per_10k: Annotated[int, Field(ge=0, le=10_000)] = 100
    """Of so many of ten thousand bodies of webhooks the node is asked too."""


class WorkerStoreTransactionsSettings(StoringSettings, HotTableSettings):
    """ingest-store → facts; what webhooks delivered is counted as spent."""


class WorkerApplyWalletSettings(DatabaseSettings, HotTableSettings, ApplyQueueSettings):
    """ingest-apply → ledger, fold, values, moments, projection."""

    moment_thresholds: Annotated[Mapping[str, Decimal], BeforeValidator(_object)] = {}
    """In the environment a JSON object: values by the names of `oof.domain.moments.config`, for
    detectors to be set otherwise than by default."""


class WorkerFoldViewSettings(DatabaseSettings, HotTableSettings):
    """analysis-operations → views."""


class WorkerFetchTransactionsSettings(
    UpstreamSettings, FactsBucketSettings, StoreQueueSettings, FetchQueueSettings
):
    """ingest-fetch → bodies."""


class StepPlanBackfillSettings(
    DatabaseSettings, HotTableSettings, FactsBucketSettings, LimitSettings
):
    """Which addresses to list, from where."""


class StepCheckAccountSettings(UpstreamSettings, LimitSettings):
    """The guard: what kind of account is this."""


class StepListSignaturesSettings(UpstreamSettings, FactsBucketSettings, LimitSettings):
    """One chunk's signatures over all addresses, merged."""


class StepLeaseSignaturesSettings(
    DatabaseSettings, HotTableSettings, FactsBucketSettings, ApplyQueueSettings, LimitSettings
):
    """What is missing, leased to this run."""


class StepFetchTransactionsSettings(UpstreamSettings, FactsBucketSettings):
    """Bodies of the leased signatures, into the run's folder."""


class StepStoreTransactionsSettings(StoringSettings):
    """The one store path, from a run's folder."""


class StepFinishChunkSettings(
    DatabaseSettings,
    HotTableSettings,
    FactsBucketSettings,
    ApplyQueueSettings,
    WorkflowSettings,
    PricesStartSettings,
    TokensStartSettings,
    LimitSettings,
):
    """Coverage recorded, state moved, the next chunk decided; a long run goes on in another."""


class StepPlanTailSettings(
    DatabaseSettings, HotTableSettings, FactsBucketSettings, WorkflowSettings, LimitSettings
):
    """Whose tail is due, with their last post-balances; at the end, whose turn it is."""


class StepCheckTailSettings(UpstreamSettings, FactsBucketSettings, LimitSettings):
    """Which of them moved."""


class StepSettleFinalitySettings(
    DatabaseSettings,
    HotTableSettings,
    FactsBucketSettings,
    ApplyQueueSettings,
    FetchQueueSettings,
    LimitSettings,
):
    """What the provider said of soft transactions, settled; what to ask next."""


class StepCheckFinalitySettings(UpstreamSettings, FactsBucketSettings):
    """What has become of them."""


class StepSettlePricesSettings(
    DatabaseSettings, HotTableSettings, FactsBucketSettings, ApplyQueueSettings, PriceOrderSettings
):
    """What was told of prices, kept; what to ask next."""

    max_candle_reads: Annotated[int, Field(gt=0)] = 60
    """Requests of one refresh; what does not fit is asked for by the next, the dearest first."""
    candle_reads_a_round: Annotated[int, Field(gt=0)] = 20
    candles_kept_days: Annotated[int, Field(gt=180)] = 730
    """Older trades have no price, and older candles are dropped."""


class StepAskPricesSettings(HotTableSettings, FactsBucketSettings, PriceOrderSettings):
    """What mints were worth; the providers' shared gates live in the hot table."""

    pyth_url: str = "https://benchmarks.pyth.network"
    jupiter_url: str = "https://api.jup.ag"
    geckoterminal_url: str = "https://api.geckoterminal.com"
    price_rate_factor: Annotated[int, Field(gt=0)] = 1
    """How many times what providers allow without a key."""
    price_secret_arn: str
    """The secret may hold `{"jupiter_api_key": "…"}`; without one nothing is sent."""


class StepSettleTokensSettings(DatabaseSettings, HotTableSettings, FactsBucketSettings):
    """What was told of tokens, kept; which to ask about next."""

    max_token_mints: Annotated[int, Field(gt=0)] = 3_000
    """Mints of one refresh; what does not fit is asked about by the next."""
    token_mints_a_round: Annotated[int, Field(gt=0, le=1_000)] = 500


class StepAskTokensSettings(UpstreamSettings, FactsBucketSettings):
    """What tokens are called; the providers' shared gates live in the hot table."""

    token_sources: Annotated[
        tuple[TokenSource, ...], BeforeValidator(_named), Field(min_length=1)
    ] = (TokenSource.JUPITER, TokenSource.HELIUS, TokenSource.DEXSCREENER)
    """Whom to ask, in this order: the next one for what is still missing. In the environment,
    names with commas."""
    jupiter_url: str = "https://api.jup.ag"
    dexscreener_url: str = "https://api.dexscreener.com"
    price_rate_factor: Annotated[int, Field(gt=0)] = 1
    """How many times what providers allow without a key."""


class StepPlanWebhooksSettings(
    DatabaseSettings, HotTableSettings, FactsBucketSettings, WatchPolicySettings
):
    """Who is watched how, and what webhooks are to name."""


class StepPutWebhooksSettings(UpstreamSettings, FactsBucketSettings, WebhookUrlSettings):
    """Webhooks at the provider, in line with the plan."""

    webhook_secret_arn: str
    """The secret holds `{"authorization": [current, previous], "rotation": …}`."""


class StepConfirmWebhooksSettings(DatabaseSettings, HotTableSettings, FactsBucketSettings):
    """What the webhooks now are."""


class JobSweepPendingSettings(
    DatabaseSettings, HotTableSettings, ApplyQueueSettings, WorkflowSettings
):
    """Wakes forgotten wallets, re-projects lagging summaries."""

    pending_age_s: Annotated[int, Field(ge=0)] = 30


class JobKeepPacksSettings(DatabaseSettings, FactsBucketSettings):
    """Merges, checks and cools packs, and trains their dictionary."""


class JobCheckBodiesSettings(DatabaseSettings, FetchQueueSettings):
    """Has the node asked for bodies of webhooks that something speaks against."""


class JobRollWindowsSettings(DatabaseSettings):
    """Lets windows end with today."""


class JobQuoteWalletsSettings(DatabaseSettings, HotTableSettings):
    """Projects wallets that are being read at the newest prices."""


class JobCheckRollupsSettings(DatabaseSettings):
    """Works a sample of wallets out anew, and compares."""

    checked_wallets: Annotated[int, Field(ge=0)] = 50
    """A day, at most."""


class JobBackfillFavouritesSettings(
    DatabaseSettings, HotTableSettings, WorkflowSettings, LimitSettings
):
    """Begins runs over favourites by night."""

    favourites_per_night: Annotated[int, Field(ge=0)] = 50


class JobWarmProgramsSettings(UpstreamSettings, StoreQueueSettings):
    """Lists by night what major programs did lately."""

    hot_snapshot: bool = False
    snapshot_signatures: Annotated[int, Field(gt=0)] = 5_000
    """Of each program in one night, at most."""


class JobRenormalizeSettings(DatabaseSettings, FactsBucketSettings, ApplyQueueSettings):
    """Reads stored bodies anew, or builds a wallet's state anew."""


class ApiCompareWalletsSettings(DatabaseSettings):
    """`POST /v1/analyses/similarity`."""


class JobFindNeighboursSettings(DatabaseSettings):
    """Finds out whom every wallet is most like."""

    neighbours_most_wallets: Annotated[int, Field(gt=0)] = 20_000
    """Wallets that one run compares: those whose vectors changed last."""


class JobMigrateSettings(DatabaseSettings):
    """Applies migrations."""


FUNCTION_SETTINGS: Mapping[str, type[Settings]] = {
    "api_serve_wallets": ApiServeWalletsSettings,
    "worker_store_transactions": WorkerStoreTransactionsSettings,
    "worker_apply_wallet": WorkerApplyWalletSettings,
    "worker_fetch_transactions": WorkerFetchTransactionsSettings,
    "worker_fold_view": WorkerFoldViewSettings,
    "step_plan_backfill": StepPlanBackfillSettings,
    "step_check_account": StepCheckAccountSettings,
    "step_list_signatures": StepListSignaturesSettings,
    "step_lease_signatures": StepLeaseSignaturesSettings,
    "step_fetch_transactions": StepFetchTransactionsSettings,
    "step_store_transactions": StepStoreTransactionsSettings,
    "step_finish_chunk": StepFinishChunkSettings,
    "step_plan_tail": StepPlanTailSettings,
    "step_check_tail": StepCheckTailSettings,
    "step_settle_finality": StepSettleFinalitySettings,
    "step_check_finality": StepCheckFinalitySettings,
    "step_settle_prices": StepSettlePricesSettings,
    "step_ask_prices": StepAskPricesSettings,
    "step_settle_tokens": StepSettleTokensSettings,
    "step_ask_tokens": StepAskTokensSettings,
    "step_plan_webhooks": StepPlanWebhooksSettings,
    "step_put_webhooks": StepPutWebhooksSettings,
    "step_confirm_webhooks": StepConfirmWebhooksSettings,
    "job_sweep_pending": JobSweepPendingSettings,
    "job_keep_packs": JobKeepPacksSettings,
    "job_check_bodies": JobCheckBodiesSettings,
    "job_roll_windows": JobRollWindowsSettings,
    "job_quote_wallets": JobQuoteWalletsSettings,
    "job_check_rollups": JobCheckRollupsSettings,
    "job_backfill_favourites": JobBackfillFavouritesSettings,
    "job_warm_programs": JobWarmProgramsSettings,
    "job_renormalize": JobRenormalizeSettings,
    "api_compare_wallets": ApiCompareWalletsSettings,
    "job_find_neighbours": JobFindNeighboursSettings,
    "job_migrate": JobMigrateSettings,
}
