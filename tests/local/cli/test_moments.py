"""Moments on a console: a line a kind, the dearest first."""

import io
import re
from typing import Literal

import pytest
from rich.console import Console

from local.cli.amounts import GAIN, LOSS
from local.cli.moments import show_moments
from oof.entrypoints.http.moment_bodies import ExtremesBody
from oof.entrypoints.http.moment_examples import EXTREMES


def extremes(**dearest):
    """Return the API's own example with these dearest moments, by field."""
    moment = EXTREMES["sold_too_early"]
    found = {field: moment | told for field, told in dearest.items()}
    body = {**EXTREMES, "sold_too_early": None, **found}
    return ExtremesBody.model_validate(body).model_dump(mode="json", by_alias=True)


def printed(body, *, width=80, styled=False):
    """What is printed on a console of that width."""
    out = io.StringIO()
    color: Literal["truecolor"] | None = "truecolor" if styled else None
    show_moments(Console(file=out, width=width, force_terminal=styled, color_system=color), body)
    return out.getvalue()


@pytest.mark.parametrize("width", [80, 140])
def test_the_dearest_stands_first_and_nothing_is_cut(width):
    """Whatever its kind; what nobody can price stands last, and says so."""
    body = extremes(
        rug={"kind": "RUG", "usd": None},
        sandwich={"kind": "SANDWICH", "usd": "3.5"},
        highest_win={"kind": "BEST_TRADE", "usd": "1234.567"},
    )

    text = printed(body, width=width)

    rows = [line for line in text.splitlines() if re.match(r" ?(best|sandwiched|rug)", line)]
    assert [row.split()[0] for row in rows] == ["best", "sandwiched", "rug"]
    assert "+1,234.57" in rows[0]
    assert "-3.5" in rows[1]
    assert "?" in rows[2]
    assert all(len(line) <= width for line in text.splitlines())
    assert "…" not in re.sub(r"\w{6}…\w{5}", "", text)


def test_what_may_change_says_so():
    """A moment whose window is open is marked; one that is settled is not."""
    is_open = extremes(rug={"provisional": ["window_open"]})
    is_settled = extremes(rug={"provisional": []})

    assert "rug ~" in printed(is_open)
    assert "window open" in printed(is_open, width=140)
    assert "~" not in printed(is_settled)


def test_gains_and_costs_have_signs_and_colours_of_their_own():
    """The sign alone tells them apart where there is no colour."""
    gain = printed(extremes(diamond_hands={"usd": "9"}), styled=True)
    cost = printed(extremes(paper_hands={"usd": "9"}), styled=True)

    assert ";".join(str(int(GAIN[at : at + 2], 16)) for at in (1, 3, 5)) in gain
    assert "+9" in gain
    assert ";".join(str(int(LOSS[at : at + 2], 16)) for at in (1, 3, 5)) in cost
    assert "-9" in cost


def test_no_moments_are_none():
    """And it says where they are still being looked for."""
    assert "none\n" in printed(extremes())
    assert "looked for" in printed(extremes() | {"looking": True})
