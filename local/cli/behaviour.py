"""How a wallet trades, on a console: hours and hold times drawn, the rest told in lines."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import log
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.cli.amounts import readable

_HOURS: Final = 24
_ROWS: Final = 4
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_PLAIN_EIGHTHS: Final = "     ####"
_UNITS: Final = ((31_536_000, "y"), (86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_TICKS: Final = ((1, "1s"), (60, "1m"), (3_600, "1h"), (86_400, "1d"), (2_592_000, "30d"))
_LAST_TICK: Final = 31_536_000
_WIDTH: Final = 64
_BAR: Final = "#3a8fd0"
_REASONS: Final = {
    "too_few": "too few of them",
    "no_time": "their times are not known",
    "no_price": "their prices are not known",
    "not_seen": "launches were not seen",
}


def show_behaviour(console: Console, body: dict[str, Any]) -> None:
    """Print how a wallet trades; nothing of one that never did."""
    told = body["behaviour"]
    console.print()
    if told is None or not told["sample"]["trades"]:
        waits = " yet; it is being worked out" if body["updating"] else ""
        console.print(f"[bold]Behaviour[/]\n  nothing to tell{waits}")
        return
    console.print(Text(f"Behaviour, {_days(body['window'])}", style="bold"))
    is_plain = console.options.ascii_only
    for line in (*hours(told["rhythm"], is_plain=is_plain), *holds(told, is_plain=is_plain)):
        console.print(line, no_wrap=True, overflow="crop")
    console.print()
    told_of = Table.grid(padding=(0, 2))
    told_of.add_column(style="dim", no_wrap=True)
    for name, text in facts(told):
        told_of.add_row(f"  {name}", text)
    console.print(told_of)
    if body["updating"]:
        console.print("[dim]more is being looked at[/]")
    if body["provisional"]:
        why = ", ".join(body["provisional"]).replace("_", " ")
        console.print(f"[dim]may change: {why}[/]")


def hours(rhythm: dict[str, Any], *, is_plain: bool = False) -> list[Text]:
    """Return a histogram of UTC hours of the day, four rows high."""
    counts: list[int] = rhythm["by_hour"]
    highest = max(counts)
    if not highest:
        return []
    glyphs = _PLAIN_EIGHTHS if is_plain else _EIGHTHS
    eighths = [-(-count * 8 * _ROWS // highest) for count in counts]
    lines = [Text(f"\n  trades by UTC hour, most {highest:,}", style="dim")]
    for row in range(_ROWS - 1, -1, -1):
        cells = (glyphs[min(8, max(0, each - 8 * row))] * 2 for each in eighths)
        lines.append(Text("  " + " ".join(cells), style=_BAR))
    lines.append(Text("  " + " ".join(f"{hour:02}" for hour in range(_HOURS)), style="dim"))
    return lines


def holds(told: dict[str, Any], *, is_plain: bool = False) -> list[Text]:
    """Return the quantiles of hold times on an axis on which each step is many times the last."""
    spread = told["holding"]["hold"]
    if spread["median"] is None:
        return []
    ends = [_place(spread[name]) for name in ("p10", "p25", "median", "p75", "p90")]
    line, box, middle = ("-", "=", "|") if is_plain else ("─", "█", "┃")
    cells = [" "] * (_WIDTH + 1)
    cells[ends[0] : ends[4] + 1] = line * (ends[4] - ends[0] + 1)
    cells[ends[1] : ends[3] + 1] = box * (ends[3] - ends[1] + 1)
    cells[ends[2]] = middle
    axis = [" "] * (_WIDTH + 4)
    for seconds, label in (*_TICKS, (_LAST_TICK, "1y")):
        axis[_place(seconds) : _place(seconds) + len(label)] = label
    picture = Text("  " + "".join(cells), style=_BAR)
    picture.stylize("bold reverse", ends[2] + 2, ends[2] + 3)
    return [
        Text(f"\n  hold time of {spread['count']:,} exits: 10, 25, 50, 75, 90 %", style="dim"),
        picture,
        Text("  " + "".join(axis).rstrip(), style="dim"),
    ]


def facts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is drawn nowhere, by name."""
    sample = told["sample"]
    counted = f"{sample['trades']:,} trades of {sample['tokens']:,} tokens"
    capped = ", older ones left out" if sample["is_capped"] else ""
    yield "sample", f"{counted}, {sample['exits']:,} exits{capped}"
    yield "frequency", _frequency(told["rhythm"], told["pace"])
    yield "sessions", _sessions(told["sessions"])
    yield "holds", _holds(told["holding"])
    yield "sizes", _sizes(told["sizing"])
    yield "exits", _exits(told["leaving"])
    yield "comes back", _reentry(told["reentry"])
    yield "first buys", _launches(told["launches"])
    yield "venues", _named(told["mix"]["venues"]) or "none"
    yield "terminals", _named(told["mix"]["terminals"]) or "none known"
    yield "fees", _costs(told["costs"])
    yield "winners", _sides(told["holding"])


def duration(seconds: int) -> str:
    """Return a duration in its two largest units."""
    parts: list[str] = []
    for size, unit in _UNITS:
        if seconds >= size or (unit == "s" and not parts):
            parts.append(f"{seconds // size} {unit}")
            seconds %= size
        elif parts:
            break
    return " ".join(parts[:2])


def percent(share: str | None) -> str:
    """Return a share in percent, a decimal at most."""
    return "?" if share is None else f"{Decimal(share) * 100:.1f}".removesuffix(".0") + " %"


def reason(missing: str | None) -> str:
    """Return in words why nothing is said."""
    return _REASONS.get(missing or "", missing or "")


def _frequency(rhythm: dict[str, Any], pace: dict[str, Any]) -> str:
    if rhythm["missing"]:
        return reason(rhythm["missing"])
    days = f"{rhythm['active_days']:,} of {rhythm['covered_days']:,} days"
    each = readable(Decimal(rhythm["trades_per_active_day"]))
    text = f"{each} trades a day on {days}, quiet for {rhythm['quiet_hours']} hours"
    median = pace["gap"]["median"]
    return text if median is None else f"{text}; the next after {duration(median)}"


def _sessions(sessions: dict[str, Any]) -> str:
    count = f"{sessions['count']:,} (30 minutes of rest end one)"
    if sessions["length"]["median"] is None:
        return count
    each = readable(Decimal(sessions["per_active_day"]))
    return f"{count}, {each} an active day, median {duration(sessions['length']['median'])}"


def _holds(holding: dict[str, Any]) -> str:
    if holding["missing"]:
        return reason(holding["missing"])
    hold = holding["hold"]
    scores = f"flipper {holding['flipper_score'][:4]}, holder {holding['holder_score'][:4]}"
    return f"median {duration(hold['median'])}, mean {duration(hold['mean'])}; {scores}"


def _sizes(sizing: dict[str, Any]) -> str:
    told = [
        f"{readable(Decimal(sizing[unit]['median']))} {unit.upper()}"
        for unit in ("sol", "usd")
        if sizing[unit]["median"] is not None
    ]
    if not told:
        return reason(sizing["missing"] or sizing["sol"]["missing"])
    top = sizing["top_token_share"]
    beside = "" if top is None else f"; {percent(top)} of it in one token"
    return f"median {' or '.join(told)}{beside}"


def _exits(leaving: dict[str, Any]) -> str:
    if leaving["missing"]:
        return reason(leaving["missing"])
    at_once, ladder = percent(leaving["single_exit_share"]), percent(leaving["ladder_share"])
    return f"{at_once} in one, {ladder} in a ladder, of {leaving['episodes']:,} episodes"


def _reentry(reentry: dict[str, Any]) -> str:
    if reentry["missing"]:
        return reason(reentry["missing"])
    share, gap = percent(reentry["reentered_share"]), reentry["gap"]["median"]
    after = "" if gap is None else f", after {duration(gap)}"
    return f"to {share} of tokens{after}"


def _launches(launches: dict[str, Any]) -> str:
    if launches["missing"]:
        return reason(launches["missing"])
    delay = duration(launches["delay"]["median"])
    seen = f"{launches['known']:,} of {launches['first_buys']:,} seen before"
    return f"median {delay} after the oldest known purchase ({seen})"


def _named(shares: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{each['name']} {percent(each['share'])}" for each in shares[:4])


def _costs(costs: dict[str, Any]) -> str:
    if costs["missing"]:
        return reason(costs["missing"])
    total = f"median {readable(Decimal(costs['total']['median']))} SOL a transaction"
    tips = costs["tips"]["median"]
    beside = "" if tips is None else f" of {readable(Decimal(tips))} SOL"
    return f"{total}; {percent(costs['tip_share'])} with a tip{beside}"


def _sides(holding: dict[str, Any]) -> str:
    won, lost = holding["winners"]["median"], holding["losers"]["median"]
    if won is None or lost is None:
        return reason(holding["disposition_missing"])
    return f"held {duration(won)}, losers {duration(lost)}"


def _days(window: dict[str, Any]) -> str:
    first = "the beginning" if window["from"] is None else window["from"]
    return f"from {first} to {window['to']} (UTC)"


def _place(seconds: int) -> int:
    span = log(_LAST_TICK)
    return round(_WIDTH * min(1.0, log(max(1, seconds)) / span))
