"""What each day came to, weeks as columns: up is profit, down is loss, filled is much.

Shape and direction tell before colour does, so that nothing is lost without it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.text import Text

from local.cli.amounts import GAIN, LOSS

_WEEK: Final = 7
_DAY_NAMES: Final = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_MARGIN: Final = 6
_CELL: Final = 2
_MOST_WEEKS: Final = 53
_MUCH: Final = 4
"""One day in so many, those that moved most, is filled."""


class _Glyphs(NamedTuple):
    """How days are drawn."""

    gain: str
    much_gain: str
    loss: str
    much_loss: str
    even: str


_DRAWN: Final = _Glyphs("△", "▲", "▽", "▼", "·")
_PLAIN: Final = _Glyphs("^", "A", "v", "V", ".")


class Square(NamedTuple):
    """One UTC day with a trade."""

    day: date
    realized_usd: Decimal
    results: int
    """Exits above or below zero."""


def show_heat_map(console: Console, calendar: dict[str, Any]) -> None:
    """Draw the newest year of a calendar, or as much of it as the console is wide."""
    squares = [
        Square(
            date.fromisoformat(item["day"]),
            Decimal(item["realized_usd"]),
            item["wins"] + item["losses"],
        )
        for item in calendar["items"]
    ]
    lines = heat_map(squares, width=console.width, is_plain=console.options.ascii_only)
    for line in lines:
        console.print(line, no_wrap=True, overflow="crop")


def heat_map(squares: Sequence[Square], *, width: int, is_plain: bool) -> list[Text]:
    """Return the lines of the picture; none where no day has a result."""
    told = [square for square in squares if square.results]
    if not told:
        return []
    glyphs = _PLAIN if is_plain else _DRAWN
    last = max(square.day for square in squares)
    newest = _monday(last)
    room = max(1, min(_MOST_WEEKS, (width - _MARGIN) // _CELL))
    since_first = (newest - _monday(min(square.day for square in squares))).days // _WEEK + 1
    weeks = min(room, since_first)
    first = newest - timedelta(weeks=weeks - 1)
    cells = _cells(squares, glyphs)
    rows = [
        _row(name, [cells.get(first + timedelta(weeks=w, days=d)) for w in range(weeks)])
        for d, name in enumerate(_DAY_NAMES)
    ]
    before = sum(square.day < first for square in squares)
    lines = [
        Text(""),
        Text(f"  each UTC day's profit, {first} to {last}", style="dim"),
        _months(first, weeks),
        *rows,
        *_legend(glyphs, before),
    ]
    for line in lines:
        line.truncate(width)
    return lines


def _cells(squares: Iterable[Square], glyphs: _Glyphs) -> dict[date, tuple[str, str]]:
    sizes = sorted(abs(each.realized_usd) for each in squares if each.results)
    much = sizes[len(sizes) - max(1, len(sizes) // _MUCH)]
    return {each.day: _cell(each, glyphs, much) for each in squares}


def _cell(square: Square, glyphs: _Glyphs, much: Decimal) -> tuple[str, str]:
    """Return a day's glyph and style."""
    usd = square.realized_usd
    if not square.results or not usd:
        return glyphs.even, "dim"
    is_much = abs(usd) >= much
    if usd > 0:
        return (glyphs.much_gain, f"bold {GAIN}") if is_much else (glyphs.gain, GAIN)
    return (glyphs.much_loss, f"bold {LOSS}") if is_much else (glyphs.loss, LOSS)


def _row(name: str, cells: Sequence[tuple[str, str] | None]) -> Text:
    line = Text(f"  {name:<4}", style="dim")
    for cell in cells:
        glyph, style = cell or (" ", "")
        line.append(f"{glyph} ", style=f"not dim {style}" if style != "dim" else style)
    line.rstrip()
    return line


def _months(first: date, weeks: int) -> Text:
    """Name each month above the first week that begins in it, where there is room.

    January is its year.
    """
    line = [" "] * (_MARGIN + weeks * _CELL + 8)
    free, shown = 0, None
    for week in range(weeks):
        monday = first + timedelta(weeks=week)
        place = _MARGIN + week * _CELL
        if (monday.year, monday.month) != shown and place >= free:
            label = f"{monday:%Y}" if monday.month == 1 else f"{monday:%b}"
            line[place : place + len(label)] = label
            free, shown = place + len(label) + 1, (monday.year, monday.month)
    return Text("".join(line).rstrip(), style="dim")


def _legend(glyphs: _Glyphs, before: int) -> list[Text]:
    legend = Text("  ", style="dim")
    meanings: Mapping[str, tuple[str, str]] = {
        "profit": (f"{glyphs.gain} {glyphs.much_gain}", GAIN),
        "loss": (f"{glyphs.loss} {glyphs.much_loss}", LOSS),
        "traded only": (glyphs.even, "dim"),
    }
    for meaning, (marks, style) in meanings.items():
        legend.append(marks, style=style if style == "dim" else f"not dim {style}")
        legend.append(f" {meaning}   ")
    legend.append("filled: the quarter that moved most")
    lines = [legend]
    if before:
        days = "1 day" if before == 1 else f"{before:,} days"
        lines.append(Text(f"  {days} with trades before", style="dim"))
    return lines


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
