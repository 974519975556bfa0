"""What was realized over time, drawn into a terminal.

The line is made of Braille dots, two by four to a cell; a terminal without them gets one mark a
cell. What lies above zero and what lies below differ by place before they differ by colour.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Final, NamedTuple

from rich.console import Console
from rich.text import Text

from local.cli.amounts import GAIN, LOSS, signed

_ROWS: Final = 9
_MOST_COLUMNS: Final = 96
_LEAST_COLUMNS: Final = 16
_ZERO: Final = Decimal(0)
_THOUSAND: Final = 1_000
_DOTS_ACROSS, _DOTS_DOWN = 2, 4
_BRAILLE: Final = 0x2800
_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Of a Braille cell, by row and column (https://www.unicode.org/charts/PDF/U2800.pdf)."""


class Day(NamedTuple):
    """What one UTC day came to."""

    day: date
    change: Decimal


class _Glyphs(NamedTuple):
    """What lines are drawn with."""

    axis: str
    tick: str
    zero: str
    corner: str
    floor: str


_DRAWN: Final = _Glyphs("│", "┤", "┄", "└", "─")
_PLAIN: Final = _Glyphs("|", "+", "-", "+", "-")


def show_curve(console: Console, title: str, days: Sequence[Day]) -> None:
    """Draw the running sum of days, oldest first, as wide as the console lets it."""
    for line in curve(days, width=console.width, is_plain=console.options.ascii_only, title=title):
        console.print(line, no_wrap=True, overflow="crop")


def curve(days: Sequence[Day], *, width: int, is_plain: bool, title: str) -> list[Text]:
    """Return the lines of the picture; nothing of nothing."""
    if not days:
        return []
    totals = _totals(days)
    scale = _Scale(min(_ZERO, *totals), max(_ZERO, *totals))
    gutter = max(len(text) for text in scale.labels.values())
    columns = max(_LEAST_COLUMNS, min(width - gutter - 3, _MOST_COLUMNS))
    glyphs = _PLAIN if is_plain else _DRAWN
    dots = [scale.dot(each) for each in _sampled(days, totals, columns * _DOTS_ACROSS)]
    cells = _cells(dots, before=scale.dot(_ZERO))
    lines = [Text(title, style="bold")]
    for row in range(_ROWS):
        label = scale.labels.get(row, "")
        line = Text().append(f"{label:>{gutter}} ", style="dim")
        line.append(glyphs.tick if label else glyphs.axis, style="dim")
        for column in range(columns):
            line.append_text(_cell(cells.get((row, column), 0), row - scale.zero_row, glyphs))
        lines.append(line)
    floor = f"{' ' * gutter} {glyphs.corner}{glyphs.floor * columns}"
    ends = _ends(days[0].day, days[-1].day, columns)
    return [*lines, Text(floor, style="dim"), Text(f"{' ' * (gutter + 2)}{ends}", style="dim")]


def _totals(days: Sequence[Day]) -> list[Decimal]:
    total, totals = _ZERO, []
    for each in days:
        total += each.change
        totals.append(total)
    return totals


def _sampled(days: Sequence[Day], totals: Sequence[Decimal], dots: int) -> list[Decimal]:
    """Return what had been realized by the end of each dot's share of the time."""
    first, span = days[0].day, (days[-1].day - days[0].day).days + 1
    found, at = [], 0
    for dot in range(dots):
        until = first + timedelta(days=-(-span * (dot + 1) // dots) - 1)
        while at + 1 < len(days) and days[at + 1].day <= until:
            at += 1
        found.append(totals[at])
    return found


class _Scale:
    """Where amounts stand, from the highest on the first row down."""

    def __init__(self, low: Decimal, high: Decimal) -> None:
        self._high = high
        self._reach = high - low
        self.zero_row = self.dot(_ZERO) // _DOTS_DOWN
        self.labels = {self.zero_row: "0"}
        if high:
            self.labels.setdefault(0, _label(high))
        if low:
            self.labels.setdefault(_ROWS - 1, _label(low))

    def dot(self, amount: Decimal) -> int:
        """Return how many dots below the top an amount stands."""
        last = _ROWS * _DOTS_DOWN - 1
        if not self._reach:
            return last // 2
        return round((self._high - amount) / self._reach * last)


def _cells(dots: Sequence[int], *, before: int) -> dict[tuple[int, int], int]:
    """Return the dots of each cell, by row and column; a step is drawn through all between."""
    cells: dict[tuple[int, int], int] = {}
    for x, y in enumerate(dots):
        for each in range(min(y, before + (before < y)), max(y, before - (before > y)) + 1):
            key = each // _DOTS_DOWN, x // _DOTS_ACROSS
            cells[key] = cells.get(key, 0) | _BITS[each % _DOTS_DOWN][x % _DOTS_ACROSS]
        before = y
    return cells


def _cell(bits: int, below_zero: int, glyphs: _Glyphs) -> Text:
    if not bits:
        return Text(glyphs.zero, style="dim") if below_zero == 0 else Text(" ")
    style = GAIN if below_zero < 0 else LOSS if below_zero > 0 else ""
    return Text("*" if glyphs is _PLAIN else chr(_BRAILLE + bits), style=style)


def _label(amount: Decimal) -> str:
    places = 0 if abs(amount) >= _THOUSAND else 2 if abs(amount) >= 1 else None
    cut = amount if places is None else amount.quantize(Decimal(1).scaleb(-places), ROUND_DOWN)
    return signed(cut)


def _ends(first: date, last: date, columns: int) -> str:
    if first == last:
        return f"{first}"
    return f"{first}{last!s:>{columns - len(str(first))}}"
