"""Stack heights read off the log."""

from typing import Any

from oof.domain.transactions.body import Body, read_body
from oof.domain.transactions.heights import read_heights
from oof.domain.transactions.normalize import normalize
from tests.unit.domain.transactions.building import SYSTEM_PROGRAM, Draft, key, send

ALICE, BOB, OUTER, INNER = key("alice"), key("bob"), key("outer"), key("inner")
ED25519 = "Ed25519SigVerify111111111111111111111111111"

type Recorded = dict[str, list[dict[str, Any]]]


def begins(*steps: tuple[str, int]) -> list[str]:
    """Write the log of these invocations."""
    return [f"Program {program} invoke [{depth}]" for program, depth in steps]


def test_log_restores_the_heights_that_the_recording_lacks() -> None:
    """Inner instructions without `stackHeight` get the depth their invocation logged."""
    draft = Draft(ALICE).lamports(BOB, 0, 7).lamports(ALICE, 5_007, 0)
    draft.call(OUTER, [ALICE]).invoke(INNER, [ALICE], height=None)
    draft.invoke(SYSTEM_PROGRAM, [ALICE, BOB], send(7), height=None)
    raw = draft.body()
    raw["meta"]["logMessages"] = begins((OUTER, 1), (INNER, 2), (SYSTEM_PROGRAM, 3))
    body = read_body(raw)
    assert isinstance(body, Body)
    assert [each.height for each in body.instructions] == [1, 2, 3]


def test_log_cut_short_leaves_the_rest_unknown() -> None:
    """After the log ends or disagrees, heights are 0 until the next outermost instruction."""
    programs = [(OUTER, True), (INNER, False), (BOB, False), (OUTER, True), (INNER, False)]
    log = begins((OUTER, 1), (INNER, 2), (ALICE, 3), (OUTER, 1), (INNER, 2))
    assert read_heights(programs, log) == [1, 2, 0, 1, 2]
    assert read_heights(programs, log[:2]) == [1, 2, 0, 1, 0]
    assert read_heights(programs, None) == [1, 0, 0, 1, 0]


def test_precompiles_log_nothing() -> None:
    """A precompile's instruction takes no line of the log."""
    assert read_heights(
        [(ED25519, True), (OUTER, True), (INNER, False)], begins((OUTER, 1), (INNER, 2))
    ) == [1, 1, 2]


def test_recordings_without_heights_normalize_as_with_them(recorded: Recorded) -> None:
    """Of what is recorded with heights and a whole log, nothing changes without the heights."""
    compared = 0
    for bodies in recorded.values():
        for body in bodies:
            inner = [
                entry
                for group in body["meta"].get("innerInstructions") or ()
                for entry in group["instructions"]
            ]
            log = body["meta"].get("logMessages") or ["Log truncated"]
            if not all(entry.get("stackHeight") for entry in inner) or log[-1] == "Log truncated":
                continue
            bare = {**body, "meta": {**body["meta"], "innerInstructions": _strip(body)}}
            assert normalize(bare) == normalize(body)
            compared += 1
    assert compared > 300


def _strip(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "index": group["index"],
            "instructions": [
                {name: value for name, value in entry.items() if name != "stackHeight"}
                for entry in group["instructions"]
            ],
        }
        for group in body["meta"].get("innerInstructions") or ()
    ]
