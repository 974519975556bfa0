"""The checked-in table of disagreements: who is right, and why."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from local.accuracy.rules import Rule, Verdict

TABLE: Final = Path(__file__).with_name("verdicts.jsonl")
_FIELDS: Final = ("source", "signature", "ours", "theirs", "rule", "verdict", "reason")


class Disagreement(NamedTuple):
    """Two answers about one transaction, and the rule that decides between them, if one does."""

    source: str
    signature: str
    ours: str
    theirs: str
    rule: Rule | None


class Row(NamedTuple):
    """One verdict. `rule` is None where a person gave it after reading the transaction."""

    source: str
    signature: str
    ours: str
    theirs: str
    rule: str | None
    verdict: Verdict
    reason: str


class Review(NamedTuple):
    """How the table and the disagreements fit."""

    judged: tuple[Row, ...]
    unjudged: tuple[Disagreement, ...]
    stale: tuple[Row, ...]

    @property
    def is_complete(self) -> bool:
        """Whether each disagreement has its verdict, and each verdict its disagreement."""
        return not self.unjudged and not self.stale


def read_table(path: Path = TABLE) -> list[Row]:
    """Read the table; raise `ValueError` on an unknown verdict, `KeyError` on a missing field."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return [_row(orjson.loads(line)) for line in lines]


def _row(told: dict[str, Any]) -> Row:
    values = {field: told[field] for field in _FIELDS}
    return Row(**(values | {"verdict": Verdict(told["verdict"])}))


def review(rows: Iterable[Row], disagreements: Iterable[Disagreement]) -> Review:
    """Hold the table against the disagreements of this run.

    A verdict stands for the very answers it was given about, and for the rule that gave it: if
    either side says something else today, or a rule no longer proves it, it is stale.
    """
    left = set(rows)
    judged, unjudged = [], []
    for found in disagreements:
        row = next((row for row in left if _fits(row, found)), None)
        if row is None:
            unjudged.append(found)
        else:
            left.remove(row)
            judged.append(row)
    return Review(tuple(judged), tuple(unjudged), tuple(sorted(left, key=str)))


def _fits(row: Row, found: Disagreement) -> bool:
    if row[:4] != found[:4]:
        return False
    rule = found.rule
    if rule is None:
        return row.rule is None
    return (row.rule, row.verdict, row.reason) == (rule.name, rule.verdict, rule.reason)


def template(found: Disagreement) -> str:
    """Return the line of the table that a person has yet to finish."""
    row = Row(*found[:4], None, Verdict.OURS, "")
    return orjson.dumps(row._asdict() | {"verdict": "?", "reason": "?"}).decode()


def renewed(seen: Review) -> list[Row]:
    """Return the table as it should be: verdicts that stand, and those that a rule gives now.

    What needs a person stays out.
    """
    by_rule = [
        Row(*found[:4], found.rule.name, found.rule.verdict, found.rule.reason)
        for found in seen.unjudged
        if found.rule is not None
    ]
    return sorted([*seen.judged, *by_rule], key=lambda row: (row.rule or "", row))


def write_table(rows: Iterable[Row], path: Path = TABLE) -> None:
    """Write the table, one verdict a line."""
    lines = [orjson.dumps(row._asdict()) + b"\n" for row in rows]
    path.write_bytes(b"".join(lines))
