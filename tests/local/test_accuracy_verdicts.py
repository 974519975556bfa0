"""The table of verdicts fits the disagreements of today, or says what does not."""

from pathlib import Path

import orjson
import pytest

from local.accuracy.rules import RULES, Rule, Verdict
from local.accuracy.verdicts import (
    Disagreement,
    Row,
    read_table,
    renewed,
    review,
    template,
    write_table,
)

RULE = Rule("failed", Verdict.OURS, "it failed", lambda _case: True)
DECIDED = Disagreement("parser", "sig1", "no trade", "a trade", RULE)
OPEN = Disagreement("parser", "sig2", "this trade", "that trade", None)
BY_RULE = Row("parser", "sig1", "no trade", "a trade", "failed", Verdict.OURS, "it failed")
BY_HAND = Row("parser", "sig2", "this trade", "that trade", None, Verdict.PEER, "read it")


def test_every_disagreement_with_its_verdict_is_complete() -> None:
    """Verdicts by rule and by hand both count."""
    seen = review([BY_RULE, BY_HAND], [DECIDED, OPEN])
    assert seen.is_complete
    assert set(seen.judged) == {BY_RULE, BY_HAND}


@pytest.mark.parametrize("missing", [BY_RULE, BY_HAND])
def test_disagreement_without_verdict_is_named(missing: Row) -> None:
    """What the table lacks is named, though a rule could decide it."""
    seen = review({BY_RULE, BY_HAND} - {missing}, [DECIDED, OPEN])
    assert [found.signature for found in seen.unjudged] == [missing.signature]
    assert not seen.is_complete


@pytest.mark.parametrize(
    "found",
    [
        OPEN._replace(ours="another trade"),
        OPEN._replace(theirs="another trade"),
        OPEN._replace(source="another parser"),
        OPEN._replace(rule=RULE),
    ],
)
def test_verdict_on_other_answers_is_stale(found: Disagreement) -> None:
    """A verdict stands for the answers it was given about, not for the transaction."""
    seen = review([BY_HAND], [found])
    assert seen.stale == (BY_HAND,)
    assert seen.unjudged == (found,)


def test_verdict_of_a_rule_that_no_longer_proves_it_is_stale() -> None:
    """A rule that lets go of a transaction leaves it to a person."""
    seen = review([BY_RULE], [DECIDED._replace(rule=None)])
    assert seen.stale == (BY_RULE,)
    assert seen.unjudged[0].rule is None


def test_verdict_without_disagreement_is_stale() -> None:
    """Once both agree there is nothing to judge."""
    assert review([BY_HAND], []).stale == (BY_HAND,)


def test_renewing_keeps_what_people_judged_and_drops_what_is_stale(tmp_path: Path) -> None:
    """The table is rewritten from rules; what needs a person never appears by itself."""
    old = BY_HAND._replace(signature="sig3")
    fresh = OPEN._replace(signature="sig4")
    seen = review([BY_HAND, old], [DECIDED, OPEN, fresh])
    write_table(renewed(seen), tmp_path / "table.jsonl")
    assert set(read_table(tmp_path / "table.jsonl")) == {BY_RULE, BY_HAND}


def test_unfinished_template_is_refused(tmp_path: Path) -> None:
    """The line that is offered for filling in is no verdict yet."""
    table = tmp_path / "table.jsonl"
    table.write_text(template(OPEN) + "\n")
    with pytest.raises(ValueError, match=r"\?"):
        read_table(table)


def test_checked_in_verdicts_are_reasoned() -> None:
    """Each row names a rule with that rule's own verdict, or gives a person's reason."""
    rules = {rule.name: rule for rule in RULES}
    rows = read_table()
    assert len(rows) > 200
    assert len({row[:4] for row in rows}) == len(rows)
    for row in rows:
        if row.rule is None:
            assert len(row.reason) > 40, row.signature
        else:
            rule = rules[row.rule]
            assert (row.verdict, row.reason) == (rule.verdict, rule.reason), row.signature


def test_table_is_one_object_a_line(tmp_path: Path) -> None:
    """A changed verdict is one changed line in a diff."""
    write_table([BY_RULE, BY_HAND], tmp_path / "table.jsonl")
    lines = (tmp_path / "table.jsonl").read_bytes().splitlines()
    assert [orjson.loads(line)["signature"] for line in lines] == ["sig1", "sig2"]
