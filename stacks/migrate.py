"""Brings a deployed stage's schema up to its code: `python -m stacks.migrate STAGE`.

The database is reached by functions alone, so a function migrates it; this asks it to.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from stacks.naming import Naming
from stacks.settings import SIZES

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

JOB = "job_migrate"


class MigrationFailed(Exception):
    """The job ended with an error; the message is what it said."""


def migrate(client: "LambdaClient", stage: str) -> Mapping[str, Any]:
    """Run the stage's migrations and return what the job reports. Raises MigrationFailed."""
    answer = client.invoke(FunctionName=Naming(stage=stage).resource(JOB), Payload=b"{}")
    report: Mapping[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise MigrationFailed(str(report.get("errorMessage", report)))
    return report


def main(arguments: Sequence[str]) -> int:
    """Migrate the stage named; 1 and the job's words when it failed, 2 without a stage."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m stacks.migrate STAGE\n")
        return 2
    # A second attempt by the SDK would run beside the first.
    patience = Config(read_timeout=SIZES[JOB].timeout_s + 10, retries={"total_max_attempts": 1})
    try:
        report = migrate(boto3.client("lambda", config=patience), arguments[0])
    except MigrationFailed as failure:
        sys.stderr.write(f"migrate: {failure}\n")
        return 1
    sys.stdout.write(f"migrated: {json.dumps(report)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
