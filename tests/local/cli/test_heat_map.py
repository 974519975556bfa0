"""The heat map of a calendar, and the panel of an overview, on a console."""

import io
from datetime import date, timedelta
from decimal import Decimal

from rich.console import Console

from local.cli.heat_map import Square, heat_map, show_heat_map
from local.cli.overview import show_overview
from oof.entrypoints.http.pnl import CALENDAR_EXAMPLE, PnlCalendarBody
from oof.entrypoints.http.pnl_overview import EXAMPLE, PnlOverviewBody

MONDAY = date(2025, 1, 6)


def square(days, usd, results=1):
    """A day so many days after a Monday."""
    return Square(MONDAY + timedelta(days=days), Decimal(usd), results)


def drawn(squares, *, width=60, is_plain=False):
    """The lines as text."""
    return [line.plain for line in heat_map(squares, width=width, is_plain=is_plain)]


def test_each_day_has_its_place():
    """Weeks are columns and days rows; shape tells the sign, and what is filled moved most."""
    lines = drawn([square(0, 50), square(1, -2), square(9, 1), square(13, -1), square(8, 0, 0)])
    _, title, months, *rows = lines[:10]
    assert title.strip() == "each UTC day's profit, 2025-01-06 to 2025-01-19"
    assert months == "      2025"
    assert rows == [
        "  Mon ▲",
        "      ▽ ·",
        "  Wed   △",
        "",
        "  Fri",
        "",
        "  Sun   ▽",
    ]
    assert lines[10].startswith("  △ ▲ profit   ▽ ▼ loss   · traded only")


def test_a_terminal_without_such_signs_gets_letters():
    """Nothing beyond ASCII, and still every sign told apart."""
    lines = drawn([square(0, 50), square(1, -2), square(2, 3), square(3, -60)], is_plain=True)
    assert all(line.isascii() for line in lines)
    assert [line[6:] for line in lines[3:7]] == ["^", "v", "^", "V"]


def test_the_newest_weeks_are_shown_where_not_all_fit():
    """Nothing is wider than the terminal, and what is left out is told."""
    squares = [square(7 * week, week - 20) for week in range(80)]
    for width in (40, 80, 200):
        lines = drawn(squares, width=width)
        assert all(len(line) <= width for line in lines)
        shown = min((width - 6) // 2, 53)
        assert len(lines[3][6:].split()) == shown
        assert f"{80 - shown} days with trades before".startswith(lines[-1].strip())


def test_days_without_a_result_are_no_picture():
    """Buying realizes nothing."""
    assert drawn([]) == []
    assert drawn([square(0, 0, 0)]) == []


def test_a_calendar_is_drawn_as_the_api_tells_it():
    """Without any colour where the console has none."""
    body = PnlCalendarBody.model_validate(CALENDAR_EXAMPLE).model_dump(mode="json", by_alias=True)
    out = io.StringIO()
    show_heat_map(Console(file=out, width=80), body)
    assert "Sun ▲" in out.getvalue()
    assert "\x1b" not in out.getvalue()


def overview(**changes):
    """What is printed of the API's own example with changes."""
    body = PnlOverviewBody.model_validate({**EXAMPLE, **changes})
    out = io.StringIO()
    show_overview(Console(file=out, width=100), body.model_dump(mode="json", by_alias=True))
    return out.getvalue()


def test_an_overview_is_a_panel_of_metrics():
    """Each in the words of its unit."""
    text = overview()
    for told in (
        "Results, 2025-05-03 to 2025-06-01",
        "640 USD on 9 days, +48 % of what was sold cost",
        "71.43 %",
        "4, profits to losses",
        "+17.14 USD",
        "40 USD at most, from 2025-05-11 to 2025-05-19",
        "3 winning until 2025-05-11, 2 losing until 2025-05-19",
        "1 winning day since 2025-06-01",
        "+70 USD on 2025-06-01",
        "-30 USD on 2025-05-19",
    ):
        assert told in text


def test_what_has_too_small_a_sample_says_so():
    """And is no number."""
    text = overview(
        win_rate=None,
        profit_factor=None,
        roi=None,
        average_loss_usd="16.00000000",
        reasons={"win_rate": "too_few_results", "profit_factor": "no_losses"},
        max_drawdown={"usd": "0.00000000", "peak_day": None, "trough_day": None},
    )
    assert "too few results" in text
    assert "no loss so far" in text
    assert "never below its highest" in text
    assert "+17.14 USD: wins 32 USD, losses 16 USD" in text
    assert "of what was sold cost" not in text


def test_nothing_is_told_of_no_results():
    """A wallet that only bought has no panel."""
    assert overview(result_days=0) == ""
