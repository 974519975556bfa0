"""What the steps of tail repair work with on the database's side."""

from functools import cache

import boto3
from botocore.config import Config

from oof.adapters.dynamo.read_marks import DynamoReadMarks
from oof.adapters.postgres.tail_store import PostgresTailStore
from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.adapters.system import SystemClock
from oof.app.repair_tail import TailPlanDeps
from oof.bootstrap.facts import database
from oof.bootstrap.runs import dynamo_client, gate_reader, run_blobs
from oof.settings import StepPlanTailSettings

_PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def tail_plan_deps() -> TailPlanDeps:
    """Dependencies of `plan_tail` and `start_tails`."""
    settings = StepPlanTailSettings.from_env()
    workflows = boto3.client("stepfunctions", config=_PATIENCE)
    return TailPlanDeps(
        store=PostgresTailStore(database()),
        marks=DynamoReadMarks(dynamo_client(), settings.hot_table),
        blobs=run_blobs(),
        starter=StepFunctionsRunStarter(workflows, settings.backfill_machine_arn),
        gate=gate_reader(),
        clock=SystemClock(),
        fresh_s=settings.tail_fresh_s,
        runs_at_once=settings.tail_runs_at_once,
        silence_s=settings.webhook_silence_s,
    )
