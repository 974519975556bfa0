"""The curve of what was realized: where its line runs, and how it fits a terminal."""

import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from rich.console import Console

from local.cli.amounts import GAIN, LOSS
from local.cli.curve import Day, curve, show_curve

BEGIN = date(2025, 1, 1)


def days(*changes):
    """Return one day after the other."""
    return [Day(BEGIN + timedelta(days=at), Decimal(change)) for at, change in enumerate(changes)]


def drawn(found, *, width=60, is_plain=True):
    """Return the picture's own cells, without title, labels and dates."""
    lines = [line.plain for line in curve(found, width=width, is_plain=is_plain, title="t")]
    axis = min(line.index("|") for line in lines if "|" in line)
    return [line[axis + 1 :] for line in lines[1:-2]]


def test_a_gain_rises_and_a_loss_falls():
    """The last column's mark stands where the total ended: at the top, or at the bottom."""
    up, down = drawn(days(5, 5)), drawn(days(-5, -5))

    assert up[0].endswith("*")
    assert set(up[1][-8:]) == {" "}
    assert down[-1].endswith("*")
    assert up[-1].startswith("*")
    assert down[0].startswith("*")


def test_a_total_stands_until_the_next_day_with_a_trade():
    """Days without one are level, however many; they take the room they are long."""
    found = [Day(BEGIN, Decimal(10)), Day(BEGIN + timedelta(days=89), Decimal(-10))]

    rows = drawn(found)

    assert rows[0].count("*") > 0.95 * len(rows[0])
    assert rows[-1].rstrip()[-1] == "*"


@pytest.mark.parametrize("width", [40, 80, 200])
def test_it_fits_its_terminal(width):
    """No line is longer, and dates stand at both ends."""
    lines = [
        line.plain
        for line in curve(days(*range(-20, 60)), width=width, is_plain=False, title="PnL")
    ]

    assert all(len(line) <= width for line in lines)
    assert lines[-1].split() == ["2025-01-01", "2025-03-21"]
    assert len({len(line) for line in lines[2:-2]}) == 1


def test_above_and_below_zero_have_colours_of_their_own():
    """And the scale says both ends, signed, and zero."""
    lines = curve(days(4, -9, 1), width=60, is_plain=False, title="t")
    styles = {str(span.style) for line in lines for span in line.spans}

    assert {GAIN, LOSS} <= styles
    assert [line.plain.split()[0] for line in lines if "┤" in line.plain] == ["+4", "0", "-5"]


def test_plain_terminals_get_plain_letters():
    """Nothing beyond ASCII where the console knows no more; no colours where it is no terminal."""
    held = io.BytesIO()
    console = Console(file=io.TextIOWrapper(held, encoding="ascii"), width=60)

    show_curve(console, "PnL", days(1, -3, 8))

    console.file.flush()
    text = held.getvalue().decode("ascii")
    assert "*" in text
    assert "\x1b" not in text


def test_nothing_realized_is_no_picture():
    """And a total of zero is a level line."""
    assert curve([], width=60, is_plain=False, title="t") == []
    assert sum("*" in row for row in drawn(days(0, 0))) == 1
