"""What wallets and webhook events cost, from counted requests and list prices."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import NamedTuple

import psycopg
from rich import box
from rich.console import Console
from rich.table import Table

from local.bench.bill import ASSUMED, Bill, Line, Usage, make_bill
from local.bench.counted import Meter
from local.bench.live import LiveStack
from local.bench.prices import ACU, AS_KNOWN_ON, ENDPOINT, HOURS_A_MONTH, PROXY, Item
from local.bench.session import Session
from stacks.settings import PROD

_OPENED = ("casual_four", "sponsored", "whale", "degen_two", "day_trader", "degen_one")
_WALLETS, _EVENTS = 1_000, 1_000_000
_SINGLY, _BURST = 30, 240
_SENDERS = 8
_ZONES, _ENDPOINTS = 2, 3
_WINDOW_MINUTES = math.lcm(*PROD.every_minutes.values())
_MONTH_MINUTES = HOURS_A_MONTH * 60


class Measured(NamedTuple):
    """A bill, and in which circumstances it was measured."""

    name: str
    bill: Bill


def run(session: Session) -> None:
    """Print dollars per 1,000 wallets opened, per million events, and a month of doing nothing."""
    live = session.live()
    live.warm_up()
    live.settle()
    meter = Meter(live)
    opened, transactions = _open_wallets(live, meter)
    print_bills(
        session.console,
        f"$ per {_WALLETS:,} wallets opened ({transactions:.0f} transactions each, on average)",
        [opened],
    )
    title = f"$ per {_EVENTS:,} webhook events, one transaction each, of tracked wallets"
    bills = [_events_singly(live, meter), _events_in_a_burst(live, meter)]
    print_bills(session.console, title, bills)
    print_bills(session.console, "$ a month for upkeep", [_upkeep(live, meter)])
    _print_standing(session.console)
    _print_caveats(session.console)


def _open_wallets(live: LiveStack, meter: Meter) -> tuple[Measured, float]:
    """Open wallets one after the other, each read once more when it is warm."""
    meter.restart()
    transactions = 0
    for role in _OPENED:
        address = live.wallet(role)
        live.summary(address)
        live.settle()
        transactions += live.summary(address)["tx_counts"]["all"]
    bill = make_bill(meter.read(), by=len(_OPENED), scaled_to=_WALLETS)
    return Measured("a wallet", bill), transactions / len(_OPENED)


def _events_singly(live: LiveStack, meter: Meter) -> Measured:
    """Post events, each after the one before is applied: no two share a batch."""

    def post_each(bodies: Sequence[bytes]) -> None:
        for body in bodies:
            live.post_webhook(body)
            live.settle()

    return _post(live, meter, "one at a time", _SINGLY, post_each)


def _events_in_a_burst(live: LiveStack, meter: Meter) -> Measured:
    """Post events as fast as they are taken: batches form as they would under load."""

    def post_all(bodies: Sequence[bytes]) -> None:
        with ThreadPoolExecutor(_SENDERS) as senders:
            list(senders.map(live.post_webhook, bodies))

    return _post(live, meter, "in a burst", _BURST, post_all)


def _post(
    live: LiveStack, meter: Meter, name: str, events: int, post: Callable[[Sequence[bytes]], None]
) -> Measured:
    wallets = [live.wallet(role) for role in _OPENED[:3]]
    bodies = [body for each in wallets for body in live.append(each, events // len(wallets))]
    meter.restart()
    post(bodies)
    live.settle()
    used = meter.read()
    used[Item.WEBHOOK_CREDITS] = len(bodies)
    return Measured(name, make_bill(used, by=len(bodies), scaled_to=_EVENTS))


def _upkeep(live: LiveStack, meter: Meter) -> Measured:
    """Every schedule of minutes once, as often as it is due within `_WINDOW_MINUTES`.

    A first look brings in what happened since the wallets were opened; the second, which is
    measured, finds next to nothing to do.
    """
    used = Usage()
    for name, every in PROD.every_minutes.items():
        for _ in range(2):
            tracked = _make_tails_due(live)
            meter.restart()
            live.tick(name)
        for item, units in meter.read().items():
            used[item] += units * _WINDOW_MINUTES // every
    bill = make_bill(used, by=_WINDOW_MINUTES, scaled_to=_MONTH_MINUTES)
    return Measured(f"{tracked} wallets, nothing happens, a minute", bill)


def _make_tails_due(live: LiveStack) -> int:
    """Let every tracked wallet look long unlooked at; return how many there are."""
    with psycopg.connect(live.running.database_dsn) as connection:
        return connection.execute(
            "UPDATE tracked_wallets SET tail_checked_at = tail_checked_at - interval '1 hour'"
            " WHERE tail_checked_at IS NOT NULL"
        ).rowcount


def print_bills(console: Console, title: str, bills: Sequence[Measured]) -> None:
    """Print bills side by side, the first one's dearest line first."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
        pad_edge=False, show_footer=True,
    )  # fmt: skip
    table.add_column("paid for", "total", no_wrap=True)
    for name, bill in bills:
        table.add_column(f"{name}: units", justify="right", no_wrap=True)
        table.add_column("$", dollars(bill.total), justify="right", no_wrap=True)
    table.add_column("basis", style="dim")
    lines = [{line.item: line for line in bill.lines} for _, bill in bills]
    items = dict.fromkeys(item for each in lines for item in each)
    for item in items:
        cells = [cell for each in lines for cell in _cells(each.get(item))]
        table.add_row(item, *cells, f"assumed: {ASSUMED[item]}" if item in ASSUMED else "counted")
    console.print(table)


def _cells(line: Line | None) -> tuple[str, str]:
    return ("", "") if line is None else (f"{line.each:,.2f}", dollars(line.dollars))


def dollars(amount: Decimal) -> str:
    """An amount as a person reads it: cents, and finer where it is less than ten of them."""
    return f"{amount:,.2f}" if amount >= Decimal("0.1") else f"{amount:.4f}"


def _print_standing(console: Console) -> None:
    table = Table(
        title="$ a month whatever happens, production stage at rest", title_justify="left",
        title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for name in ("paid for", "how many", "$", "basis"):
        table.add_column(name, justify="right" if name in {"how many", "$"} else "left")
    aurora = PROD.aurora
    units = Decimal(0) if aurora is None else Decimal(str(aurora.min_acu)) * (1 + aurora.readers)
    proxies = Decimal(int(aurora is not None and aurora.has_proxy))
    for each, count in ((ACU, units), (PROXY, proxies), (ENDPOINT, Decimal(_ENDPOINTS * _ZONES))):
        monthly = each.hourly * HOURS_A_MONTH * count
        table.add_row(each.what, f"{count:g}", dollars(monthly), f"assumed: {each.source}")
    console.print(table)


def _print_caveats(console: Console) -> None:
    console.print(
        f"List prices of us-east-1 as known on {AS_KNOWN_ON}, without free tiers. Lambda's time "
        "is this machine's, billed at the deployed memory sizes. Assumed: a queue is asked twice a "
        "batch, to receive and to delete; Helius takes a credit for each event it posts. Not in "
        "any bill: what Postgres and S3 store, traffic out, traces, alarms.",
        style="dim",
    )
