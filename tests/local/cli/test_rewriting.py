"""Working stored history over from the command line."""

import io
import json
from typing import Any

import pytest

from local.cli.faults import CliFault
from local.cli.rewriting import renormalize, replay


class Functions:
    """A function service that answers as told, in turn, and remembers what it was asked."""

    def __init__(self, *answers: dict[str, Any], **more: str) -> None:
        self.answers = list(answers)
        self.more = more
        self.asked: list[Any] = []

    def invoke(self, **asked: Any) -> dict[str, Any]:
        """Answer."""
        self.asked.append((asked["FunctionName"], json.loads(asked["Payload"])))
        return {"Payload": io.BytesIO(json.dumps(self.answers.pop(0)).encode()), **self.more}


def state(**changes: Any) -> dict[str, Any]:
    """Return how far the job says it is."""
    told = {"version": 3, "seen": 200, "rewritten": 9, "failed": 0}
    return {**told, "after_tx": 200, "last_tx": 450, "is_ended": False} | changes


def test_a_replay_says_what_it_did() -> None:
    """The wallet and the slot go to the stage's job, its report comes back."""
    functions = Functions({"queued": 7, "appended": 2, "folded": 40})

    line = replay(functions, "prod", "ann", from_slot=5)

    asked = {"replay": {"wallet": "ann", "from_slot": 5}}
    assert functions.asked == [("oof-prod-job_renormalize", asked)]
    assert line == (
        "compared 7 transactions with the ledger, added 2 rows, folded 40 transactions anew"
    )


def test_reading_anew_goes_on_until_it_is_done() -> None:
    """Only the first call begins again; the following ones go on."""
    functions = Functions(state(), state(seen=450, after_tx=450, is_ended=True))

    lines = list(renormalize(functions, "local", again=True))

    assert [event for _, event in functions.asked] == [{"again": True}, {"again": False}]
    assert lines[0].endswith("9 changed, 0 unreadable, up to 200 of 450")
    assert len(lines) == 2


def test_a_refusal_is_told_in_the_job_s_words() -> None:
    """A wallet that nobody tracks is not replayed."""
    said = "wallet ann is not tracked"
    functions = Functions({"errorMessage": said}, FunctionError="Unhandled")

    with pytest.raises(CliFault, match=said):
        replay(functions, "local", "ann", from_slot=0)
