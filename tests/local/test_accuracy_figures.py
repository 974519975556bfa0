"""Figures of the proof count what they say."""

from collections import Counter
from pathlib import Path

import orjson
import pytest
import zstandard

from local.accuracy.agreement import agreement, is_quiet
from local.accuracy.exactness import (
    Encodings,
    Share,
    add_up,
    encodings,
    exactness,
    unknown_classes,
)
from local.accuracy.expectations import Expectation, expectations
from local.accuracy.planted import PEERS, TOLD, plant
from local.accuracy.proof import Proof
from local.accuracy.rules import Verdict
from local.accuracy.verdicts import Disagreement, Review, Row
from tests.checker.bodies import Json
from tests.checker.report import FileReport
from tests.checker.verdict import Finding
from tests.support.accuracy_cases import POOL, SOL, USER, body, case, moved, swap

BOUGHT = swap(USER, (100, "A"), (700, "B"))
TRADE = body(moved(USER, 100, "A", POOL), moved(POOL, 700, "B", USER))


def _row(kind: str, owner: str | None = USER, mint: str = "A", amount: str = "-5") -> Json:
    return {"owner": owner, "mint": mint, "delta_raw": amount, "kind": kind}


def _report(findings: list[Finding], kinds: list[str]) -> FileReport:
    results = [{"movements": [_row(kind) for kind in kinds]}]
    unknown = kinds.count("unknown")
    return FileReport("file", 1, 4, findings, unknown, len(kinds), 0, [TRADE], results)


def test_wrong_sums_are_told_from_other_findings() -> None:
    """A sum that differs from the chain's is counted apart from what else the checker finds."""
    findings = [Finding("s", "delta", ""), Finding("s", "rent", "")]
    found = exactness("file", _report(findings, ["trade", "unknown"]))
    assert (found.wrong_sums, found.other_findings) == (1, 1)
    assert found.movements == Share(1, 2)
    total = add_up([found, found])
    assert (total.wrong_sums, total.pairs, total.signers_rows.part) == (2, 8, 0.5)


def test_encodings_that_differ_are_named() -> None:
    """A field may be missing from a source if it is order, and nothing else may differ."""
    same = {"signature": "a", "slot": 3, "trades": []}
    assert encodings([same, same | {"slot": None}]) == Encodings(1, ())
    assert encodings([same, same | {"slot": 4}]) == Encodings(1, ("a",))
    assert encodings([same, same | {"trades": [1]}]) == Encodings(1, ("a",))
    assert encodings([same, {"signature": "b"}]) == Encodings(0, ())


def test_unknown_movements_are_classed() -> None:
    """What is left unexplained is named by what it is and where it happened."""
    rows = [_row("unknown"), _row("unknown", None), _row("unknown", mint=SOL, amount="5")]
    found = unknown_classes([(TRADE, {"movements": [*rows, _row("trade")]})])
    assert {what for what, _program in found} == {
        "tokens lost without an instruction",
        "tokens of nobody known",
        "lamports gained without an instruction",
    }
    assert found.total() == 3


def test_agreement_is_counted_apart_for_trader_pair_and_amounts() -> None:
    """Somebody else's trade agrees on pair and amounts, not on the trader."""
    cases = [
        case(TRADE, ours=[BOUGHT], whole=BOUGHT),
        case(TRADE, ours=[BOUGHT], whole=BOUGHT._replace(trader="keeper")),
        case(TRADE),
    ]
    found = agreement(cases)
    assert found.compared == 2
    assert found.same == {"trader": 1, "mint pair": 2, "amounts": 2, "all of it": 1}
    assert is_quiet(cases[2])


def test_legs_of_the_peer_count_only_where_said() -> None:
    """A doubled total disagrees; the peer's own legs agree, in a column of their own."""
    doubled = swap(USER, (200, "A"), (1400, "B"))
    found = agreement([case(TRADE, ours=[BOUGHT], whole=doubled, legs=[(1, BOUGHT)])])
    assert found.same["all of it"] == 0
    assert found.same_by_legs["all of it"] == 1


def _event(kind: str, subtype: str, amount: str, wallet: str = USER) -> Json:
    return {
        "event_type": kind,
        "event_subtype": subtype,
        "asset": "solana/token:A",
        "amount": amount,
        "location_label": wallet,
        "notes": "a note",
    }


@pytest.mark.parametrize(
    ("event", "holds"),
    [
        (_event("TRADE", "SPEND", "0.0001"), True),
        (_event("TRADE", "SPEND", "0.000101"), False),
        (_event("TRADE", "RECEIVE", "0.0001"), False),
        (_event("SPEND", "NONE", "0.000005"), True),
        (_event("RECEIVE", "NONE", "0.000005"), False),
        (_event("SPEND", "PAYBACK_DEBT", "0.000005"), False),
        (_event("INFORMATIONAL", "NONE", "0.000005"), None),
        (_event("SPEND", "NONE", "transfer_amount", "spend_address"), None),
    ],
)
def test_events_of_others_are_ours_to_the_raw_unit(
    event: Json, holds: bool | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Amount, direction and kind must be ours; what names no amount is not compared."""
    chain = tmp_path_factory.mktemp("chain")
    (chain / "expected").mkdir()
    _write(chain / "expected" / "rotki_expected_events.jsonl.zst", event)
    _write(chain / "expected" / "serejke_jupiter_expected.jsonl.zst", None)
    mine = case(TRADE, ours=[BOUGHT], fees=[_row("transfer")])
    found = expectations(chain, {"signature": (mine.body, mine.result)})
    assert [each.holds for each in found] == [holds]


def _write(path: Path, event: Json | None) -> None:
    case_ = {"signature": "signature", "wallets": [USER], "events": [event]}
    lines = b"" if event is None else orjson.dumps(case_)
    path.write_bytes(zstandard.compress(lines))


def _proof(**changes: object) -> Proof:
    figures = exactness("file", _report([], ["trade"]))
    values: dict[str, object] = {
        "files": (figures,),
        "encodings": Encodings(1, ()),
        "kinds": Counter(),
        "unknown_classes": Counter(),
        "expectations": (),
        "agreement": agreement([]),
        "agreement_on_succeeded": agreement([]),
        "cases": (),
        "disagreements": (),
        "review": Review((), (), ()),
    }
    return Proof(**(values | changes))  # type: ignore[arg-type]


def test_proof_that_stands_has_no_failures() -> None:
    """Nothing wrong, nothing said."""
    assert _proof().failures() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"files": (exactness("file", _report([Finding("s", "delta", "")], [])),)},
        {"files": (exactness("file", _report([Finding("s", "rent", "")], [])),)},
        {"files": (exactness("file", _report([], ["unknown"])),)},
        {"encodings": Encodings(2, ("a",))},
        {"expectations": (Expectation("rotki", "s", "an event", False, "nothing"),)},
        {"review": Review((), (Disagreement("p", "s", "o", "t", None),), ())},
    ],
)
def test_each_shortcoming_fails_the_proof(changes: dict[str, object]) -> None:
    """One wrong sum, finding, encoding or missing verdict is enough."""
    assert _proof(**changes).failures()


@pytest.mark.parametrize(("verdict", "stands"), [(Verdict.OURS, True), (Verdict.PEER, False)])
def test_expectation_of_others_must_hold_or_be_refuted(verdict: Verdict, stands: bool) -> None:
    """A verdict for us excuses what another project's test expects; one for them does not."""
    expected = Expectation("rotki", "s", "an event", False, "nothing")
    row = Row("rotki", "s", "nothing", "an event", None, verdict, "as read")
    proof = _proof(expectations=(expected,), review=Review((row,), (), ()))
    assert (proof.failures() == []) is stands


def test_planted_mistakes_are_told() -> None:
    """Each wrong amount, trader or lost trade makes a disagreement that no rule excuses."""
    found = plant([case(TRADE, ours=[BOUGHT], whole=BOUGHT)])
    assert set(found) == {
        "bought one unit more",
        "sold one unit less",
        "sides swapped",
        "another trader",
        "trade lost",
    }
    assert all(set(fates) == {TOLD} for fates in found.values())


def test_mistake_that_the_peer_shares_is_not_told() -> None:
    """Where the peer errs in the same way, comparing with it tells nothing."""
    wrong = BOUGHT._replace(trader=POOL)
    found = plant([case(TRADE, ours=[BOUGHT], whole=wrong)])
    assert found["another trader"] == {PEERS: 1}
