"""How a wallet trades and what it is classed as, on a console."""

import io

import pytest
from rich.console import Console

from local.cli.behaviour import duration, percent, show_behaviour
from local.cli.classification import show_classification
from oof.entrypoints.http.behaviour_bodies import BEHAVIOUR_EXAMPLE, CLASSIFICATION_EXAMPLE


def printed(show, body, *, width=80, is_plain=False):
    """What is printed on a console of that width."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii" if is_plain else "utf-8")
    show(Console(file=out, width=width), body)
    out.flush()
    return out.buffer.getvalue().decode()


def with_(block, **told):
    """The API's own example, with a block that differs."""
    example = BEHAVIOUR_EXAMPLE["behaviour"]
    return {**BEHAVIOUR_EXAMPLE, "behaviour": {**example, block: {**example[block], **told}}}


def test_hours_are_drawn_to_scale():
    """The busiest hour is as high as the picture, half of it half as high, and none is none."""
    by_hour = [0] * 24
    by_hour[3], by_hour[20] = 8, 4

    lines = printed(show_behaviour, with_("rhythm", by_hour=by_hour)).splitlines()

    start = next(n for n, line in enumerate(lines) if "most 8" in line) + 1
    rows = [line.ljust(80) for line in lines[start : start + 4]]
    assert [row[2 + 3 * 3 : 4 + 3 * 3] for row in rows] == ["██"] * 4
    assert [row[2 + 3 * 20 : 4 + 3 * 20] for row in rows] == ["  ", "  ", "██", "██"]
    assert sum(row.count("█") for row in rows) == 12


def test_hold_times_lie_on_their_axis():
    """A box from one minute to one day, with its median at an hour, on an axis of both."""
    hold = {"count": 9, "mean": 1, "p10": 1, "p25": 60, "median": 3_600, "p75": 86_400,
            "p90": 2_592_000, "missing": None}  # fmt: skip

    lines = printed(show_behaviour, with_("holding", hold=hold)).splitlines()

    start = next(n for n, line in enumerate(lines) if "hold time of 9" in line)
    picture, axis = lines[start + 1], lines[start + 2]
    assert (picture.index("█"), picture.rindex("█")) == (axis.index("1m"), axis.index("1d"))
    assert picture.index("┃") == axis.index("1h")
    assert (picture.index("─"), picture.rindex("─")) == (axis.index("1s"), axis.index("30d"))


@pytest.mark.parametrize("width", [80, 140])
def test_nothing_is_wider_than_the_terminal(width):
    """Nor does a terminal without pictures get any."""
    for show, body in (
        (show_behaviour, BEHAVIOUR_EXAMPLE),
        (show_classification, CLASSIFICATION_EXAMPLE),
    ):
        assert all(len(line) <= width for line in printed(show, body, width=width).splitlines())
        assert printed(show, body, width=width, is_plain=True).isascii()


def test_what_is_not_known_is_told_in_words():
    """Too few exits are no 0."""
    text = printed(
        show_behaviour,
        with_("leaving", single_exit_share=None, ladder_share=None, missing="too_few"),
    )

    [line] = [line for line in text.splitlines() if line.strip().startswith("exits")]
    assert "too few of them" in line


def test_a_wallet_that_never_traded_is_said_to():
    """Also before its first portrait, which is on its way."""
    empty = {**BEHAVIOUR_EXAMPLE, "behaviour": None, "updating": True}

    assert "being worked out" in printed(show_behaviour, empty)
    assert "nothing to tell\n" in printed(show_behaviour, with_("sample", trades=0))
    nothing = {**CLASSIFICATION_EXAMPLE, "axes": [], "badges": []}
    assert "too little is known" in printed(show_classification, nothing)


def test_badges_are_sorted_by_what_they_say():
    """What it is has its reasons beside it; what it is not, and what nobody can tell, a line."""
    badges = [
        {
            **each,
            "value": "yes",
            "confidence": "0.750000",
            "missing": None,
            "signatures": ["5" * 88],
        }
        if each["name"] == "sniper"
        else each
        for each in CLASSIFICATION_EXAMPLE["badges"]
    ]

    text = printed(show_classification, {**CLASSIFICATION_EXAMPLE, "badges": badges}, width=160)

    [row] = [line for line in text.splitlines() if line.strip().startswith("sniper")]
    assert "75 %" in row
    assert "delay median 1 min 50 s" in row
    assert "555555…55555" in row
    assert "not: arbitrageur" in text
    assert "nothing said (too few of them): bot likely, loss cutter" in text


def test_durations_and_shares_are_short():
    """Two units, and one decimal, at most."""
    assert [duration(s) for s in (0, 59, 60, 3_661, 90_000, 40_000_000)] == [
        "0 s", "59 s", "1 min", "1 h 1 min", "1 d 1 h", "1 y 97 d",
    ]  # fmt: skip
    assert [percent(each) for each in ("0.500000", "0.333333", None)] == ["50 %", "33.3 %", "?"]
