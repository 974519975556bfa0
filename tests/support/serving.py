"""The API over fakes, and HTTP API events as the gateway sends them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from aws_lambda_powertools.utilities.typing import LambdaContext

from oof.app.follow_work import FollowDeps
from oof.app.mark_read import ReadMarker
from oof.app.open_wallet import OpenCaps, OpenDeps
from oof.app.read_job import JobDeps
from oof.app.read_statuses import StatusDeps
from oof.app.read_summary import SummaryDeps
from oof.app.read_view import ViewDeps
from oof.app.remember_request import RememberDeps
from oof.app.request_backfill import BackfillDeps
from oof.app.request_view import ViewAskDeps, ViewCaps
from oof.bootstrap.serve_deps import CursorKeys, ServeDeps
from oof.domain.backfill import Limits
from oof.domain.gate import plan_of
from oof.domain.snapshot.model import Coverage, WalletState, WalletSummary
from oof.domain.units import Address, UnixSeconds
from oof.entrypoints.http.app import Api
from oof.ports.health import Probe
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.flow_pages import MemoryFlowReader
from oof.ports.memory.history import MemoryHistoryReader
from oof.ports.memory.holding_days import MemoryHoldingDaysReader
from oof.ports.memory.jobs import MemoryJobStore, MemoryRequestMemory, MemoryWorkStore
from oof.ports.memory.limiter import MemoryOpenQuota, MemoryRateLimiter
from oof.ports.memory.moment_pages import MemoryMomentReader
from oof.ports.memory.pnl_days import MemoryPnlReader
from oof.ports.memory.portrait_pages import MemoryPortraitReader
from oof.ports.memory.position_pages import MemoryPositionReader
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.memory.queues import MemoryAnalysisQueue
from oof.ports.memory.reads import MemoryReadMarks
from oof.ports.memory.snapshots import MemorySummaryStore
from oof.ports.memory.statuses import MemoryStatusReader
from oof.ports.memory.token_results import MemoryTokenResults
from oof.ports.memory.tokens import MemoryTokenStore
from oof.ports.memory.vectors import MemoryVectorReader
from oof.ports.memory.views import MemoryViewStore
from oof.ports.memory.workflow import MemoryRunStarter

WALLET = Address("8rvAsDKeAcEjEkiZMug9k8v1y8mW6gQQiMobd89Uy7qR")
NOW = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)
NOW_S = UnixSeconds(int(NOW.timestamp()))
LIMITS = Limits(
    first_page=25,
    page=1_000,
    open_days=14,
    open_signatures=2_000,
    chunk_days=30,
    chunk_signatures=5_000,
    ceiling_days=730,
    too_active_per_day=1_000,
    tail_fresh_s=120,
)


@dataclass(slots=True)
class SetClock:
    """A clock that stands until it is moved."""

    moment: datetime = NOW

    def now(self) -> datetime:
        """The set moment."""
        return self.moment

    def advance(self, **by: int) -> None:
        """Move on, by the arguments of a timedelta."""
        self.moment += timedelta(**by)


@dataclass(slots=True)
class Serving:
    """An API and everything behind it."""

    clock: SetClock = field(default_factory=SetClock)
    summaries: MemorySummaryStore = field(default_factory=MemorySummaryStore)
    history: MemoryHistoryReader = field(default_factory=MemoryHistoryReader)
    facts: MemoryFactStore = field(default_factory=MemoryFactStore)
    prices: MemoryPriceStore = field(default_factory=MemoryPriceStore)
    works: MemoryWorkStore = field(default_factory=MemoryWorkStore)
    jobs: MemoryJobStore = field(default_factory=MemoryJobStore)
    marks: MemoryReadMarks = field(default_factory=MemoryReadMarks)
    runs: MemoryRunStarter = field(default_factory=MemoryRunStarter)
    analyses: MemoryAnalysisQueue = field(default_factory=MemoryAnalysisQueue)
    keys: CursorKeys = field(default_factory=lambda: CursorKeys(current=b"current key"))
    probes: tuple[Probe, ...] = ()
    opens_per_caller: int = 3
    gate: MemoryRateLimiter = field(
        default_factory=lambda: MemoryRateLimiter(
            plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=1_000),
            lambda: NOW_S * 1_000,
        )
    )
    cors_origins: tuple[str, ...] = ()
    scan: int = 2_000
    """Moments looked at for a page."""

    views: MemoryViewStore = field(init=False)
    token_results: MemoryTokenResults = field(init=False)

    def __post_init__(self) -> None:
        self.views = MemoryViewStore(self.facts, self.prices)
        self.token_results = MemoryTokenResults(self.facts)

    def api(self) -> Api:
        """The API over what stands here now."""
        opening = OpenDeps(
            works=self.works,
            quota=MemoryOpenQuota(),
            gate=self.gate,
            starter=self.runs,
            clock=self.clock,
            limits=LIMITS,
            caps=OpenCaps(per_caller=self.opens_per_caller, per_day=100),
        )
        following = FollowDeps(jobs=self.jobs, job_ids=digest_id)
        remembering = RememberDeps(requests=MemoryRequestMemory(), following=following)
        deps = ServeDeps(
            probes=self.probes,
            clock=self.clock,
            summary=SummaryDeps(
                summaries=self.summaries,
                clock=self.clock,
                opening=opening,
                following=following,
                mark_read=ReadMarker(self.marks),
            ),
            history=self.history,
            positions=MemoryPositionReader(self.facts),
            token_results=self.token_results,
            pnl=MemoryPnlReader(self.facts),
            flows=MemoryFlowReader(self.facts),
            holding_days=MemoryHoldingDaysReader(self.facts),
            moments=MemoryMomentReader(self.facts, self.clock, scan=self.scan),
            portraits=MemoryPortraitReader(self.facts, self.clock),
            prices=self.prices,
            tokens=MemoryTokenStore(self.facts),
            backfill=BackfillDeps(
                summaries=self.summaries, opening=opening, remembering=remembering
            ),
            job_views=JobDeps(jobs=self.jobs, works=self.works, clock=self.clock),
            views=ViewDeps(views=self.views, clock=self.clock),
            view_asks=ViewAskDeps(
                works=self.works,
                queue=self.analyses,
                quota=MemoryOpenQuota(),
                summaries=self.summaries,
                remembering=remembering,
                clock=self.clock,
                caps=ViewCaps(per_caller=5, per_minute=60),
            ),
            statuses=StatusDeps(statuses=MemoryStatusReader(self.facts), clock=self.clock),
            vectors=MemoryVectorReader(self.facts),
            cursor_keys=lambda: self.keys,
            cors_origins=self.cors_origins,
        )
        return Api(deps)


def digest_id(owner: str, work_id: str, attempt: int) -> str:
    """A job's id, the same for the same view."""
    return sha256(f"{owner} {work_id} {attempt}".encode()).hexdigest()[:26]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the caller sees it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


type Call = Callable[..., Answer]


def caller(api: Api, *, ip: str = "192.0.2.7") -> Call:
    """A function that sends requests as one caller."""

    def call(
        method: str, target: str, *, headers: Mapping[str, str] | None = None, body: str = ""
    ) -> Answer:
        event = http_event(method, target, headers=headers or {}, body=body, ip=ip)
        response = api.respond(event, LambdaContext())
        return Answer(
            status=response["statusCode"], headers=response["headers"], text=response["body"]
        )

    return call


def http_event(
    method: str, target: str, *, headers: Mapping[str, str], body: str, ip: str
) -> dict[str, Any]:
    """An event of HTTP API's payload format 2.0, in which repeated values are joined by commas."""
    path, _, query = target.partition("?")
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example.com", **{k.lower(): v for k, v in headers.items()}},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "r3pmxmplak",
            "domainName": "r3pmxmplak.execute-api.us-east-1.amazonaws.com",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": ip,
                "userAgent": "test",
            },
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "01/Jun/2025:12:30:00 +0000",
            "timeEpoch": 1748781000000,
        },
        "isBase64Encoded": False,
    }
    if parameters:
        event["queryStringParameters"] = parameters
    if body:
        event["body"] = body
    return event


def summary(**changes: Any) -> WalletSummary:
    """A settled wallet's summary, with changes."""
    values: dict[str, Any] = {
        "address": WALLET,
        "state": WalletState.SEEN_PARTIAL,
        "epoch": 1,
        "revision": 7,
        "as_of_seq": 36,
        "as_of_slot": 343_000_123,
        "balances": (),
        "balances_count": 0,
        "tx_count": 36,
        "failed_count": 2,
        "mentions": 1,
        "hourly": {},
        "daily": {},
        "venues": {},
        "trade_count": 33,
        "fees_lamports": {},
        "oldest_time": None,
        "newest_time": None,
        "coverage": Coverage(
            addresses=3, complete=False, oldest_time=None, newest_time=None, stopped_by=None
        ),
        "tail_checked_at": None,
        "last_error": None,
        "provisional": frozenset(),
        "projected_at": NOW_S,
    }
    return WalletSummary(**{**values, **changes})
