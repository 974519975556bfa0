"""Favouring wallets from the command line."""

import io
import json
from typing import Any

import pytest

from local.cli.faults import CliFault
from local.cli.favourites import favour


class Functions:
    """A function service that answers as told, and remembers what it was asked."""

    def __init__(self, answer: dict[str, Any], **more: str) -> None:
        self.answer = answer
        self.more = more
        self.asked: list[Any] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        """Answer."""
        self.asked.append(asked)
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **self.more}


def test_the_job_of_the_stage_changes_its_list() -> None:
    """It is told what to add and to remove, and answers with all there are."""
    functions = Functions({"favourites": ["ann", "bob"]})

    assert favour(functions, "prod", add=["ann"], remove=["eve"]) == ["ann", "bob"]
    [asked] = functions.asked
    assert asked["FunctionName"] == "oof-prod-job_backfill_favourites"
    assert json.loads(asked["Payload"]) == {"add": ["ann"], "remove": ["eve"]}


def test_a_refusal_is_told_in_the_job_s_words() -> None:
    """What is no address is not favoured."""
    said = "add: expected an address"
    functions = Functions({"errorMessage": said}, FunctionError="Unhandled")

    with pytest.raises(CliFault, match=said):
        favour(functions, "local", add=["nobody"])
