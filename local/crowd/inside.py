"""The API in this process: the real routes and readers over a database, and no AWS.

What would be an item of the hot table, a message or a run is kept in memory, unless a table is
named. Everything else is put together as it is for the deployed function.
"""

import base64
import dataclasses
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import boto3
import orjson
from aws_lambda_powertools.utilities.typing import LambdaContext

from local.runtime.faults import LocalRuntimeFault
from oof.adapters.dynamo.job_store import DynamoJobStore, DynamoRequestMemory
from oof.adapters.dynamo.open_quota import DynamoOpenQuota
from oof.adapters.dynamo.provider_gate import DynamoGateReader
from oof.adapters.dynamo.summary_store import DynamoSummaryStore
from oof.adapters.dynamo.work_store import DynamoWorkStore
from oof.adapters.health.probes import DatabaseProbe, HotTableProbe, ProviderProbe
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.token_results import PostgresTokenResults
from oof.adapters.postgres.vector_reader import PostgresNeighbourStore, PostgresVectorReader
from oof.adapters.postgres.view_store import PostgresViewStore
from oof.adapters.sqs.queues import SqsAnalysisQueue
from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.adapters.system import SystemClock
from oof.app.compare_wallets import CompareDeps
from oof.app.find_neighbours import NeighbourDeps, NeighbourSizes, find_neighbours
from oof.app.fold_view import FoldViewDeps, fold_view
from oof.app.mark_read import ReadMarker
from oof.app.sum_tokens import SumTokensDeps, is_summing, sum_tokens
from oof.bootstrap.serve import RotatedKeys, compose
from oof.bootstrap.serve_deps import CursorKeys, ServeDeps
from oof.domain.gate import plan_of
from oof.domain.similarity.compare import compare
from oof.domain.similarity.nearest import nearest
from oof.entrypoints.http.app import Api, CompareApi
from oof.ports.memory.jobs import MemoryJobStore, MemoryRequestMemory, MemoryWorkStore
from oof.ports.memory.limiter import MemoryOpenQuota, MemoryRateLimiter
from oof.ports.memory.queues import MemoryAnalysisQueue
from oof.ports.memory.reads import MemoryReadMarks
from oof.ports.memory.snapshots import MemorySummaryStore
from oof.ports.memory.workflow import MemoryRunStarter
from oof.settings import ApiServeWalletsSettings

_CALLER: Final = "192.0.2.7"
_COMPARE: Final = ("POST", "/v1/analyses/similarity")
"""What the gateway sends to a function of its own."""
_MANY: Final = 10**6
_REGION: Final = "us-east-1"


class Answer(NamedTuple):
    """A response, as the caller sees it."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return orjson.loads(self.text)


class FixedKeys(RotatedKeys):
    """Keys that nobody has to be asked for."""

    def __init__(self) -> None:
        super().__init__("")

    def current(self) -> CursorKeys:
        """The keys, always the same."""
        return CursorKeys(current=b"the keys of a process of its own")


def settings_of(**chosen: str) -> ApiServeWalletsSettings:
    """Return settings of an API that reaches nothing but what is chosen, and refuses nobody."""
    fields = ApiServeWalletsSettings.model_fields
    needed = {name: name for name, field in fields.items() if field.is_required()}
    limits = dict.fromkeys((name for name in fields if "_per_caller_" in name), _MANY)
    limits |= {"analyses_per_minute": _MANY, "opens_per_day": _MANY}
    return ApiServeWalletsSettings.model_validate({**needed, **limits, **chosen})


def deps_over(database: Database, *, hot_table: str) -> ServeDeps:
    """Return what the deployed API is made of, over a database and a table; no other is asked."""
    settings = settings_of(hot_table=hot_table)
    session = boto3.Session(region_name=_REGION)
    return compose(settings, database=database, keys=FixedKeys(), aws=session)


class Inside:
    """The API over a database, and what it would keep elsewhere."""

    def __init__(self, database: Database, *, hot_table: str | None = None) -> None:
        self.database = database
        self.summaries = MemorySummaryStore()
        self.works, self.jobs = MemoryWorkStore(), MemoryJobStore()
        self.analyses = MemoryAnalysisQueue()
        self._clock = SystemClock()
        twins = self._senders()
        if hot_table is None:
            twins |= self._table_twins()
        deps = _with_twins(deps_over(self.database, hot_table=hot_table or "none"), twins)
        seen = DatabaseProbe if hot_table is None else (DatabaseProbe, HotTableProbe, ProviderProbe)
        probes = tuple(each for each in deps.probes if isinstance(each, seen))
        self.api = Api(dataclasses.replace(deps, probes=probes))
        reader = PostgresVectorReader(database)
        self._comparing = CompareApi(CompareDeps(vectors=reader, compare=compare))

    def call(
        self,
        method: str,
        target: str,
        *,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request."""
        event = http_event(method, target, body=body, headers=headers or {})
        is_compare = (method, event["rawPath"]) == _COMPARE
        response = (self._comparing if is_compare else self.api).respond(event, LambdaContext())
        return Answer(response["statusCode"], response["headers"], response["body"])

    def get(self, target: str) -> Answer:
        """Send one GET."""
        return self.call("GET", target)

    def analyse(self, asked: Mapping[str, Any]) -> str:
        """Ask for positions of a group, have them worked out, and return where they are."""
        headers = {"Content-Type": "application/json"}
        accepted = self.call(
            "POST", "/v1/analyses/positions", body=orjson.dumps(asked), headers=headers
        )
        self._work_out()
        job = self.get(accepted.headers.get("Location", "/")).json
        if job.get("result") is None:
            raise LocalRuntimeFault(f"no analysis: {accepted.text} {job}")
        return str(job["result"])

    def summed(self, target: str) -> str:
        """Ask for tokens over other days, have them summed, and return where they are."""
        answer = self.get(target)
        self._work_out()
        if answer.status == HTTPStatus.ACCEPTED and self.get(target).status != HTTPStatus.OK:
            raise LocalRuntimeFault(f"no sums: {answer.text}")
        return target

    def _work_out(self) -> None:
        """Do what was handed on, as the worker does."""
        folding = FoldViewDeps(
            views=PostgresViewStore(self.database), works=self.works, clock=self._clock
        )
        summing = SumTokensDeps(
            sums=PostgresTokenResults(self.database), works=self.works, clock=self._clock
        )
        while self.analyses.sent:
            work_id, attempt = self.analyses.sent.pop()
            if is_summing(work_id):
                sum_tokens(work_id, attempt, receives=1, deps=summing)
            else:
                fold_view(work_id, attempt, receives=1, is_in_time=lambda: True, deps=folding)

    def find_neighbours(self) -> None:
        """Find out whom every wallet is most like."""
        find_neighbours(
            NeighbourDeps(
                store=PostgresNeighbourStore(self.database),
                nearest=nearest,
                clock=self._clock,
                sizes=NeighbourSizes(),
            )
        )

    def close(self) -> None:
        """Close the connection."""
        self.database.close()

    def _senders(self) -> dict[type, Any]:
        """What stands for each adapter that hands work on."""
        return {StepFunctionsRunStarter: MemoryRunStarter(), SqsAnalysisQueue: self.analyses}

    def _table_twins(self) -> dict[type, Any]:
        """What stands for each adapter of the hot table."""
        plan = plan_of(rpc_per_s=50, enhanced_per_s=10, credits_per_day=_MANY)
        return {
            DynamoSummaryStore: self.summaries,
            DynamoWorkStore: self.works,
            DynamoJobStore: self.jobs,
            DynamoRequestMemory: MemoryRequestMemory(),
            DynamoOpenQuota: MemoryOpenQuota(),
            DynamoGateReader: MemoryRateLimiter(plan, lambda: int(time.time() * 1_000)),
            ReadMarker: ReadMarker(MemoryReadMarks()),
        }


def _with_twins(deps: Any, twins: Mapping[type, Any]) -> Any:
    """Return dependencies of dependencies with each adapter replaced, wherever it stands."""
    changed = {}
    for field in dataclasses.fields(deps):
        held = getattr(deps, field.name)
        if type(held) in twins:
            changed[field.name] = twins[type(held)]
        elif dataclasses.is_dataclass(held) and not isinstance(held, type):
            changed[field.name] = _with_twins(held, twins)
    return dataclasses.replace(deps, **changed) if changed else deps


def http_event(
    method: str, target: str, *, body: bytes | str, headers: Mapping[str, str]
) -> dict[str, Any]:
    """Return an event of HTTP API's payload format 2.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    path, _, query = target.partition("?")
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "inside.example", **{k.lower(): v for k, v in headers.items()}},
        "requestContext": {
            "apiId": "inside",
            "http": {"method": method, "path": path, "sourceIp": _CALLER},
            "requestId": "inside",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    if parameters:
        event["queryStringParameters"] = parameters
    if body:
        event |= _payload(body)
    return event


def _payload(body: bytes | str) -> dict[str, Any]:
    """Text is handed on as it is, anything else in base64."""
    if isinstance(body, str):
        return {"body": body}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
