"""What every step of a run works with, whichever side of the network it is on."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from oof.adapters.dynamo.provider_gate import DynamoGateReader
from oof.adapters.s3.blobs import S3Blobs
from oof.adapters.stepfunctions.run_starter import StepFunctionsRunStarter
from oof.app.run_documents import RunDocuments
from oof.bootstrap.clients import s3_client
from oof.bootstrap.limits import limits_of
from oof.domain.backfill import Limits
from oof.domain.provider_names import PRIMARY
from oof.ports.workflow import Run
from oof.settings import (
    FactsBucketSettings,
    HotTableSettings,
    LimitSettings,
    PricesStartSettings,
    TokensStartSettings,
    WorkflowSettings,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_stepfunctions import SFNClient

_PATIENCE = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


@cache
def dynamo_client() -> "DynamoDBClient":
    """The client of the hot table where no model is needed."""
    return boto3.client("dynamodb", config=_PATIENCE)


@cache
def run_starter() -> StepFunctionsRunStarter:
    """Starts runs, and lets long ones go on."""
    return _starter(WorkflowSettings.from_env().backfill_machine_arn)


@cache
def price_starter() -> StepFunctionsRunStarter:
    """Has prices refreshed out of turn."""
    return _starter(PricesStartSettings.from_env().prices_machine_arn)


@cache
def token_starter() -> StepFunctionsRunStarter:
    """Has tokens asked about out of turn."""
    return _starter(TokensStartSettings.from_env().tokens_machine_arn)


def _starter(machine_arn: str) -> StepFunctionsRunStarter:
    return StepFunctionsRunStarter(_states(), machine_arn)


@cache
def _states() -> "SFNClient":
    return boto3.client("stepfunctions", config=_PATIENCE)


@cache
def gate_reader() -> DynamoGateReader:
    """How the provider's gate stands, for who does not go through it."""
    table = HotTableSettings.from_env().hot_table
    return DynamoGateReader(dynamo_client(), table, provider=PRIMARY)


@cache
def run_blobs() -> S3Blobs:
    """The objects that steps hand on."""
    return S3Blobs(s3_client(), FactsBucketSettings.from_env().facts_bucket)


def documents(run: Run) -> RunDocuments:
    """The documents of one run."""
    return RunDocuments(run_blobs(), run.run_id)


@cache
def limits() -> Limits:
    """How far runs go."""
    return limits_of(LimitSettings.from_env())
