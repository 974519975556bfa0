"""What each function may do: the one table that its environment and its permissions come from.

A capability is something a function reaches. Whoever owns the resource says in the `Catalog` what
the capability means: variables and allowed actions. A function that reaches the database runs in
the stage's network, without internet; every other one runs outside it. So none has both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stacks.errors import SynthesisRefused


class Capability(StrEnum):
    """Something a function reaches."""

    DATABASE = "database"
    HOT_TABLE = "hot_table"
    BUCKET_LIST = "bucket_list"
    PACKS_READ = "packs_read"
    PACKS_WRITE = "packs_write"
    PACKS_DELETE = "packs_delete"
    PACKS_COOL = "packs_cool"
    DICTIONARIES_READ = "dictionaries_read"
    DICTIONARIES_WRITE = "dictionaries_write"
    INBOX_READ = "inbox_read"
    INBOX_WRITE = "inbox_write"
    RUNS_READ = "runs_read"
    RUNS_WRITE = "runs_write"
    STORE_SEND = "store_send"
    FETCH_SEND = "fetch_send"
    APPLY_SEND = "apply_send"
    ANALYSIS_SEND = "analysis_send"
    QUEUE_HEALTH = "queue_health"
    BACKFILL_START = "backfill_start"
    PRICES_START = "prices_start"
    TOKENS_START = "tokens_start"
    UPSTREAM = "upstream"
    PRICES = "prices"
    TOKENS = "tokens"
    HISTORY_REACH = "history_reach"
    CANDLE_REACH = "candle_reach"
    HOT_SNAPSHOT = "hot_snapshot"
    WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a capability
    WEBHOOK_ROTATE = "webhook_rotate"
    WEBHOOK_URL = "webhook_url"
    CURSOR_SECRET = "cursor_secret"  # noqa: S105 - the name of a capability


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Actions allowed on exactly these resources."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """What a capability means here: variables to set, actions to allow.

    `accepted_findings` are those of the rule packs that the grants cannot avoid, with reasons.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    accepted_findings: Mapping[str, str] = field(default_factory=dict)


class Catalog:
    """What the stacks built so far offer to functions."""

    def __init__(self) -> None:
        self._provisions: dict[Capability, Provision] = {}

    def offer(self, capability: Capability, provision: Provision) -> None:
        """Say what a capability means; once each."""
        if capability in self._provisions:
            raise SynthesisRefused(f"capability {capability} is offered twice")
        self._provisions[capability] = provision

    def provisions(self, function: str) -> tuple[Provision, ...]:
        """What a function is given. Raises SynthesisRefused for what no stack offered yet."""
        needed = FUNCTIONS[function]
        missing = [need for need in needed if need not in self._provisions]
        if missing:
            raise SynthesisRefused(f"{function} needs {missing}, which no stack offers yet")
        return tuple(self._provisions[need] for need in needed)


_C = Capability

_STORE = (
    _C.DATABASE,
    _C.BUCKET_LIST,
    _C.PACKS_WRITE,
    _C.DICTIONARIES_READ,
    _C.APPLY_SEND,
    _C.FETCH_SEND,
)

FUNCTIONS: Mapping[str, tuple[Capability, ...]] = {
    "api_serve_wallets": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.BACKFILL_START,
        _C.ANALYSIS_SEND,
        _C.QUEUE_HEALTH,
        _C.CURSOR_SECRET,
        _C.HISTORY_REACH,
    ),
    "api_compare_wallets": (_C.DATABASE,),
    "api_ingest_webhook": (_C.INBOX_WRITE, _C.STORE_SEND, _C.WEBHOOK_SECRET),
    "worker_store_transactions": (*_STORE, _C.INBOX_READ, _C.HOT_TABLE),
    "worker_apply_wallet": (_C.DATABASE, _C.HOT_TABLE, _C.APPLY_SEND),
    "worker_fold_view": (_C.DATABASE, _C.HOT_TABLE),
    "worker_fetch_transactions": (
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.INBOX_WRITE,
        _C.STORE_SEND,
        _C.FETCH_SEND,
    ),
    "step_plan_backfill": (_C.DATABASE, _C.HOT_TABLE, _C.BUCKET_LIST, _C.RUNS_READ, _C.RUNS_WRITE),
    "step_check_account": (_C.UPSTREAM, _C.HOT_TABLE),
    "step_list_signatures": (
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_lease_signatures": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
        _C.APPLY_SEND,
    ),
    "step_fetch_transactions": (
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_store_transactions": (*_STORE, _C.RUNS_READ),
    "step_finish_chunk": (
        _C.BACKFILL_START,
        _C.PRICES_START,
        _C.TOKENS_START,
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.APPLY_SEND,
    ),
    "step_plan_tail": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BACKFILL_START,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_check_tail": (
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_settle_finality": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
        _C.APPLY_SEND,
        _C.FETCH_SEND,
    ),
    "step_check_finality": (
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_settle_prices": (
        _C.DATABASE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
        _C.HOT_TABLE,
        _C.APPLY_SEND,
        _C.CANDLE_REACH,
    ),
    "step_ask_prices": (
        _C.PRICES,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_settle_tokens": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_ask_tokens": (
        _C.TOKENS,
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
    ),
    "step_plan_webhooks": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_WRITE,
        _C.WEBHOOK_URL,
    ),
    "step_put_webhooks": (
        _C.UPSTREAM,
        _C.HOT_TABLE,
        _C.BUCKET_LIST,
        _C.RUNS_READ,
        _C.RUNS_WRITE,
        _C.WEBHOOK_ROTATE,
        _C.WEBHOOK_URL,
    ),
    "step_confirm_webhooks": (_C.DATABASE, _C.HOT_TABLE, _C.BUCKET_LIST, _C.RUNS_READ),
    "job_sweep_pending": (_C.DATABASE, _C.HOT_TABLE, _C.APPLY_SEND, _C.BACKFILL_START),
    "job_keep_packs": (
        _C.DATABASE,
        _C.BUCKET_LIST,
        _C.PACKS_READ,
        _C.PACKS_WRITE,
        _C.PACKS_DELETE,
        _C.PACKS_COOL,
        _C.DICTIONARIES_READ,
        _C.DICTIONARIES_WRITE,
    ),
    "job_check_bodies": (_C.DATABASE, _C.FETCH_SEND),
    "job_roll_windows": (_C.DATABASE,),
    "job_quote_wallets": (_C.DATABASE, _C.HOT_TABLE),
    "job_find_neighbours": (_C.DATABASE,),
    "job_check_rollups": (_C.DATABASE,),
    "job_backfill_favourites": (
        _C.DATABASE,
        _C.HOT_TABLE,
        _C.BACKFILL_START,
        _C.HISTORY_REACH,
    ),
    "job_warm_programs": (_C.UPSTREAM, _C.HOT_SNAPSHOT, _C.HOT_TABLE, _C.STORE_SEND),
    "job_renormalize": (
        _C.DATABASE,
        _C.BUCKET_LIST,
        _C.PACKS_READ,
        _C.DICTIONARIES_READ,
        _C.APPLY_SEND,
    ),
    "job_migrate": (_C.DATABASE,),
}

WITHOUT_DEPENDENCIES = frozenset({"api_ingest_webhook"})
"""Functions that carry no third-party layer: they answer in milliseconds, even cold."""

WITH_SCIENCE = frozenset({"api_compare_wallets", "job_find_neighbours"})
"""Functions that carry NumPy and SciPy besides: nobody else starts slower for them."""


def is_in_network(function: str) -> bool:
    """Whether a function runs in the stage's network: it does if it reaches the database."""
    return Capability.DATABASE in FUNCTIONS[function]
