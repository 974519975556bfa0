"""What stays unknown on the recorded data, and that the documentation names each class of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import oof.domain.transactions as package
from oof.domain.transactions.body import Body, read_body
from oof.domain.transactions.legs import TRANSPARENT
from oof.domain.transactions.model import Kind, NormalizedTransaction
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.programs.registry import BY_ID
from tests.unit.domain.transactions.test_pitfalls import Recorded

DOCS = Path(package.__file__).with_name("docs.md")
UNKNOWN = "unknown"


def named_programs() -> set[str]:
    """Read the addresses of the last table."""
    table = DOCS.read_text().partition("## What stays unknown")[2]
    return set(re.findall(r"^\| `(\w{32,44})` \|", table, re.MULTILINE))


def unnamed(body: Body, found: NormalizedTransaction) -> Iterator[str]:
    """Give the programs for which a trade's venue, or a leg of its route, has no name."""
    for trade in found.trades:
        if trade.venue == UNKNOWN or UNKNOWN in trade.route:
            below = (each.program for each in body.instructions if each.outer == trade.outer_index)
            yield from (each for each in below if each not in BY_ID and each not in TRANSPARENT)


@pytest.mark.chain
def test_every_program_without_a_name_stands_in_the_table(recorded: Recorded) -> None:
    """No venue is unknown but those that are documented, and none of those has got a name."""
    programs: set[str] = set()
    trades = unknown = 0
    for bodies in recorded.values():
        found, body = normalize(bodies[0]), read_body(bodies[0])
        assert isinstance(found, NormalizedTransaction)
        assert isinstance(body, Body)
        programs.update(unnamed(body, found))
        trades += len(found.trades)
        unknown += sum(UNKNOWN in {trade.venue, *trade.route} for trade in found.trades)
    assert programs == named_programs()
    assert unknown < trades // 10


@pytest.mark.chain
def test_no_recorded_movement_is_unknown(recorded: Recorded) -> None:
    """Every movement of every recorded transaction has a reason."""
    for bodies in recorded.values():
        found = normalize(bodies[0])
        assert isinstance(found, NormalizedTransaction)
        assert all(each.kind is not Kind.UNKNOWN for each in found.movements)
