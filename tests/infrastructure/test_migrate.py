"""Migrating a deployed stage: its own job is asked, and its word is taken."""

import io
import json
from typing import Any

import pytest

from stacks.migrate import MigrationFailed, main, migrate


class RecordedLambda:
    """Answers as the invoke API does, and keeps what it was asked."""

    def __init__(self, payload: dict[str, Any], *, fails: bool = False) -> None:
        self._answer: dict[str, Any] = {"Payload": io.BytesIO(json.dumps(payload).encode())}
        if fails:
            self._answer["FunctionError"] = "Unhandled"
        self.asked: list[str] = []

    def invoke(self, **request: Any) -> dict[str, Any]:
        """Record the function's name."""
        self.asked.append(request["FunctionName"])
        return self._answer


def test_the_stages_own_job_migrates_it() -> None:
    """The job of the stage named is invoked once, and its report handed on."""
    client = RecordedLambda({"applied": ["0001"]})

    report = migrate(client, "staging")  # type: ignore[arg-type]  # the one call it makes

    assert report == {"applied": ["0001"]}
    assert client.asked == ["oof-staging-job_migrate"]


def test_a_failed_migration_is_a_failure() -> None:
    """What the job raised is raised here, in its words."""
    client = RecordedLambda({"errorMessage": "0002 was edited after it ran"}, fails=True)

    with pytest.raises(MigrationFailed, match="0002 was edited"):
        migrate(client, "prod")  # type: ignore[arg-type]  # the one call it makes


def test_a_stage_has_to_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a stage nothing is asked, and the usage is said."""
    assert main([]) == 2
    assert "STAGE" in capsys.readouterr().err
