"""Everything that differs between stages, as data: the stacks read it and never ask for a name.

`local` runs on an emulator beside an embedded Postgres, `prod` on AWS with its own network and
Aurora; any other stage is shaped like `prod` with small sizes. What one deployment alone knows
(addresses and keys of a local run) comes as CDK context, read here once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from constructs import Node

from stacks.errors import SynthesisRefused

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSize:
    """Memory and the time after which an invocation is ended."""

    memory_mb: int
    timeout_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFlow:
    """How fast a queue is worked: messages an invocation, invocations at once."""

    batch_size: int
    max_concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuroraSize:
    """The Postgres cluster of a stage that runs in its own network."""

    min_acu: float
    max_acu: float
    readers: int
    has_proxy: bool
    backup_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalInputs:
    """What the local runtime tells a deployment about itself."""

    database_dsn: str
    upstream_api_key: str
    webhook_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """Steady requests a second, and the burst above them."""

    rate: int
    burst: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream:
    """The provider's addresses and what its plan allows."""

    rpc_url: str
    api_url: str
    rate_per_s: int
    enhanced_rate_per_s: int
    """Of enhanced calls and the management of webhooks."""
    by_address: bool
    credits_per_day: int
    """What may be spent in a UTC day; what stops on the way there is fixed in the core."""
    fallback_rpc_url: str = ""
    """A second provider, which must keep the whole history; empty for none. A `{key}` in it is
    where its key goes, from the secret's `fallback_api_key`."""
    fallback_rate_per_s: int = 10
    fallback_credits_per_day: int = 330_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceApis:
    """Addresses of those who tell prices, and what tokens are called."""

    pyth_url: str = "https://benchmarks.pyth.network"
    jupiter_url: str = "https://api.jup.ag"
    geckoterminal_url: str = "https://api.geckoterminal.com"
    dexscreener_url: str = "https://api.dexscreener.com"
    token_sources: tuple[str, ...] = ("jupiter", "helius", "dexscreener")
    """Who is asked what tokens are called, in this order."""
    rate_factor: int = 1
    """How many times what they allow without a key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far back history and prices go."""

    history_days: int = 730
    """No plan goes further."""
    candle_days: int = 730
    candle_reads: int = 60
    """Requests for candles in one refresh."""
    candle_reads_a_round: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSettings:
    """One stage.

    `aurora` is None where a secret holds the whole DSN (`local_inputs` has it) and functions run
    without a network of ours. `api_ids` pins the addresses of the HTTP APIs on the emulator.
    `every_minutes` and `daily_at` (`HH:MM`, UTC) are the schedules by name.
    """

    name: str
    architecture: str
    functions_dir: Path
    core_layer_dir: Path
    deps_layer_dir: Path
    science_layer_dir: Path
    aurora: AuroraSize | None
    local_inputs: LocalInputs | None
    upstream: Upstream
    sizes: Mapping[str, FunctionSize]
    flows: Mapping[str, QueueFlow]
    reserved: Mapping[str, int]
    """Invocations at once that a function has for itself, whatever the others do, and no more."""
    keeps_data: bool
    bucket_has_account: bool
    is_traced: bool
    log_retention_days: int
    api_throttle: Throttle
    ingest_throttle: Throttle
    every_minutes: Mapping[str, int]
    daily_at: Mapping[str, str]
    has_hot_snapshot: bool = False
    """Whether what major programs did lately is brought in by night, before anybody asks."""
    max_receive_count: int = 100
    webhook_status: int = 202
    price_apis: PriceApis = PriceApis()
    reach: Reach = Reach()
    alarm_email: str | None = None
    cors_origins: tuple[str, ...] = ()
    api_ids: Mapping[str, str] = field(default_factory=dict)
    webhook_url: str | None = None
    """Where the provider posts to: None for the ingest API's own address, empty for nowhere."""

    def size_of(self, function: str) -> FunctionSize:
        """The size of a function; a function without one is a mistake, not a default."""
        return self.sizes[function]


EVERY_MINUTES: Mapping[str, int] = {
    "sweep-pending": 1,
    "settle-finality": 1,
    "repair-tail": 2,
    "reconcile-webhooks": 2,
    "check-bodies": 5,
    "refresh-prices": 5,
    "refresh-tokens": 15,
    "quote-wallets": 15,
    "find-neighbours": 60,
    "roll-windows": 15,
}
DAILY_AT: Mapping[str, str] = {
    "backfill-favourites": "01:20",
    "warm-programs": "02:20",
    "keep-packs": "03:10",
    "check-rollups": "04:10",
}

HELIUS = Upstream(
    rpc_url="https://mainnet.helius-rpc.com",
    api_url="https://api.helius.xyz",
    rate_per_s=50,
    enhanced_rate_per_s=10,
    by_address=True,
    # the Developer plan's ten million a month
    credits_per_day=330_000,
)

# Timeouts of queue workers bound their queue's visibility (six times as long), so they are short.
SIZES: Mapping[str, FunctionSize] = {
    "api_serve_wallets": FunctionSize(memory_mb=512, timeout_s=15),
    "api_compare_wallets": FunctionSize(memory_mb=1769, timeout_s=15),
    "api_ingest_webhook": FunctionSize(memory_mb=256, timeout_s=10),
    "worker_store_transactions": FunctionSize(memory_mb=1024, timeout_s=60),
    "worker_apply_wallet": FunctionSize(memory_mb=1024, timeout_s=60),
    "worker_fetch_transactions": FunctionSize(memory_mb=512, timeout_s=60),
    "worker_fold_view": FunctionSize(memory_mb=2048, timeout_s=300),
    "step_plan_backfill": FunctionSize(memory_mb=512, timeout_s=30),
    "step_check_account": FunctionSize(memory_mb=512, timeout_s=60),
    "step_list_signatures": FunctionSize(memory_mb=1024, timeout_s=300),
    "step_lease_signatures": FunctionSize(memory_mb=512, timeout_s=60),
    "step_fetch_transactions": FunctionSize(memory_mb=1024, timeout_s=300),
    "step_store_transactions": FunctionSize(memory_mb=1024, timeout_s=300),
    "step_finish_chunk": FunctionSize(memory_mb=512, timeout_s=60),
    "step_plan_tail": FunctionSize(memory_mb=512, timeout_s=60),
    "step_check_tail": FunctionSize(memory_mb=512, timeout_s=120),
    "step_settle_finality": FunctionSize(memory_mb=512, timeout_s=60),
    "step_check_finality": FunctionSize(memory_mb=512, timeout_s=120),
    "step_settle_prices": FunctionSize(memory_mb=1024, timeout_s=120),
    "step_ask_prices": FunctionSize(memory_mb=512, timeout_s=300),
    "step_settle_tokens": FunctionSize(memory_mb=512, timeout_s=120),
    "step_ask_tokens": FunctionSize(memory_mb=512, timeout_s=300),
    "step_plan_webhooks": FunctionSize(memory_mb=1024, timeout_s=120),
    "step_put_webhooks": FunctionSize(memory_mb=1024, timeout_s=120),
    "step_confirm_webhooks": FunctionSize(memory_mb=512, timeout_s=60),
    "job_sweep_pending": FunctionSize(memory_mb=512, timeout_s=55),
    "job_keep_packs": FunctionSize(memory_mb=2048, timeout_s=900),
    "job_check_bodies": FunctionSize(memory_mb=512, timeout_s=60),
    "job_roll_windows": FunctionSize(memory_mb=512, timeout_s=300),
    "job_quote_wallets": FunctionSize(memory_mb=512, timeout_s=300),
    "job_find_neighbours": FunctionSize(memory_mb=3008, timeout_s=900),
    "job_check_rollups": FunctionSize(memory_mb=1024, timeout_s=900),
    "job_backfill_favourites": FunctionSize(memory_mb=512, timeout_s=300),
    "job_warm_programs": FunctionSize(memory_mb=512, timeout_s=600),
    "job_renormalize": FunctionSize(memory_mb=2048, timeout_s=600),
    "job_migrate": FunctionSize(memory_mb=512, timeout_s=600),
}

SMALL_FLOWS: Mapping[str, QueueFlow] = {
    "ingest-store": QueueFlow(batch_size=10, max_concurrency=2),
    "ingest-fetch": QueueFlow(batch_size=10, max_concurrency=2),
    "ingest-apply.fifo": QueueFlow(batch_size=10, max_concurrency=4),
    "analysis-operations": QueueFlow(batch_size=1, max_concurrency=2),
}

PROD_FLOWS: Mapping[str, QueueFlow] = {
    "ingest-store": QueueFlow(batch_size=10, max_concurrency=10),
    "ingest-fetch": QueueFlow(batch_size=10, max_concurrency=5),
    "ingest-apply.fifo": QueueFlow(batch_size=10, max_concurrency=20),
    "analysis-operations": QueueFlow(batch_size=1, max_concurrency=5),
}

SMALL = StageSettings(
    name="small",
    architecture="arm64",
    functions_dir=ROOT / "functions",
    core_layer_dir=ROOT / "layers" / "core",
    deps_layer_dir=ROOT / ".build" / "deps-arm64",
    science_layer_dir=ROOT / ".build" / "science-arm64",
    aurora=AuroraSize(min_acu=0.5, max_acu=2, readers=0, has_proxy=False, backup_days=7),
    local_inputs=None,
    upstream=HELIUS,
    sizes=SIZES,
    flows=SMALL_FLOWS,
    # A delivery that finds no room is lost after three tries a second apart.
    reserved={"api_ingest_webhook": 60},
    keeps_data=True,
    bucket_has_account=True,
    is_traced=False,
    log_retention_days=14,
    api_throttle=Throttle(rate=20, burst=40),
    ingest_throttle=Throttle(rate=50, burst=100),
    every_minutes=EVERY_MINUTES,
    daily_at=DAILY_AT,
)

PROD = replace(
    SMALL,
    name="prod",
    aurora=AuroraSize(min_acu=0.5, max_acu=16, readers=1, has_proxy=True, backup_days=35),
    flows=PROD_FLOWS,
    reserved={"api_ingest_webhook": 100},
    is_traced=True,
    log_retention_days=90,
    api_throttle=Throttle(rate=200, burst=400),
    ingest_throttle=Throttle(rate=500, burst=1000),
)

LOCAL = replace(
    SMALL,
    name="local",
    architecture="x86_64",
    deps_layer_dir=ROOT / ".build" / "deps-local",
    science_layer_dir=ROOT / ".build" / "science-local",
    aurora=None,
    local_inputs=LocalInputs(database_dsn="", upstream_api_key="", webhook_secret=""),
    keeps_data=False,
    bucket_has_account=False,
    log_retention_days=7,
    cors_origins=("*",),
    # the golden wallet's four years, which nobody pays for
    reach=Reach(
        history_days=1_500,
        candle_days=1_500,
        candle_reads=2_000,
        candle_reads_a_round=100,
    ),
    api_ids={"api": "00f0a001", "ingest": "00f0a002"},
)


def read_stage(node: Node) -> StageSettings:
    """The stage that context names, with what context adds to it.

    Raises:
        SynthesisRefused: no stage is named, the local runtime left out what only it knows, or a
            production stage would publish routes without authentication.
    """
    name = _text(node, "stage")
    if not name:
        raise SynthesisRefused("name a stage: -c stage=local | -c stage=prod")
    if name == "local":
        return _with_overrides(_local(node), node)
    if _text(node, "public_without_auth") != "true":
        raise SynthesisRefused(
            f"stage {name} would publish /v1 without authentication: there are no users yet; "
            "say -c public_without_auth=true to accept that"
        )
    return _with_overrides(PROD if name == "prod" else replace(SMALL, name=name), node)


def _local(node: Node) -> StageSettings:
    """The local stage, whose database and upstream are addresses on this machine."""
    dsn = _required(node, "database_dsn")
    inputs = LocalInputs(
        database_dsn=dsn,
        upstream_api_key=_text(node, "upstream_api_key"),
        webhook_secret=_required(node, "webhook_secret"),
    )
    upstream = replace(
        LOCAL.upstream,
        rpc_url=_required(node, "upstream_rpc_url"),
        api_url=_required(node, "upstream_api_url"),
        # the stand-in costs nothing; whoever brings a key to the real provider pays
        credits_per_day=HELIUS.credits_per_day if inputs.upstream_api_key else 100_000_000,
    )
    return replace(
        LOCAL,
        local_inputs=inputs,
        upstream=upstream,
        # the stand-in is them all
        price_apis=PriceApis(
            pyth_url=upstream.api_url,
            jupiter_url=upstream.api_url,
            geckoterminal_url=upstream.api_url,
            dexscreener_url=upstream.api_url,
            rate_factor=200,
        ),
        webhook_url=_text(node, "webhook_url"),
    )


def _with_overrides(stage: StageSettings, node: Node) -> StageSettings:
    """Settings that any stage may take from context."""
    upstream = replace(
        stage.upstream,
        rate_per_s=int(_text(node, "upstream_rate_per_s") or stage.upstream.rate_per_s),
        by_address=_flag(node, "upstream_by_address", default=stage.upstream.by_address),
        credits_per_day=int(
            _text(node, "upstream_credits_per_day") or stage.upstream.credits_per_day
        ),
        fallback_rpc_url=_text(node, "upstream_fallback_rpc_url")
        or stage.upstream.fallback_rpc_url,
    )
    origins = tuple(filter(None, _text(node, "cors_origins").split(",")))
    return replace(
        stage,
        upstream=upstream,
        has_hot_snapshot=_flag(node, "hot_snapshot", default=stage.has_hot_snapshot),
        functions_dir=Path(_text(node, "functions_dir") or stage.functions_dir).absolute(),
        core_layer_dir=Path(_text(node, "core_layer_dir") or stage.core_layer_dir).absolute(),
        deps_layer_dir=Path(_text(node, "deps_layer_dir") or stage.deps_layer_dir).absolute(),
        science_layer_dir=Path(
            _text(node, "science_layer_dir") or stage.science_layer_dir
        ).absolute(),
        alarm_email=_text(node, "alarm_email") or stage.alarm_email,
        cors_origins=origins or stage.cors_origins,
        webhook_url=_text(node, "webhook_url") or stage.webhook_url,
    )


def _text(node: Node, key: str) -> str:
    """A context value as text; absent is empty."""
    value = node.try_get_context(key)
    return "" if value is None else str(value)


def _flag(node: Node, key: str, *, default: bool) -> bool:
    """A context value as a yes or no."""
    text = _text(node, key).lower()
    return default if not text else text == "true"


def _required(node: Node, key: str) -> str:
    """A context value that a local deployment cannot do without."""
    text = _text(node, key)
    if not text:
        raise SynthesisRefused(f"stage local needs -c {key}=… (`make up` passes it)")
    return text
