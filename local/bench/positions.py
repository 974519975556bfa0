"""How fast exits are matched with lots, beside another FIFO engine on the same trades."""

import random
import subprocess
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import orjson

from local.bench.report import Figure, print_figures, rate
from local.bench.samples import median, timed_cpu
from local.bench.session import Session
from local.runtime.faults import LocalRuntimeFault
from local.runtime.settings import LocalSettings
from local.runtime.toolchain import Toolchain
from oof.domain.positions.lots import Method, Moment
from oof.domain.positions.matching import TradeRow, match_trades
from oof.domain.positions.worth import Ratio
from oof.domain.tokens import USDC_MINT
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount, Slot, UnixSeconds

PEER: Final = "rp2"
PEER_VERSION: Final = "1.7.2"
_PEER_SCRIPT = Path(__file__).with_name("peer_fifo.py")
_TRADES: Final = 10_000
_MINTS: Final = 50
_REPEATS: Final = 3
_BEGIN: Final = 1_700_000_000
_WALLET: Final = Address("wallet")
_LAMPORTS_USD: Final = Ratio(150, 10**9)
_WHOLE_SOL: Final = 10**9


def run(session: Session) -> None:
    """Print events a second, one exit or one entry each, for both engines."""
    rows = trades()
    exits_and_entries = 2 * len(rows)
    plain_s = _seconds(lambda: _match(rows, None))
    priced_s = _seconds(lambda: _match(rows, _price))
    peer_rate = _peer_rate(rows)
    ratio = exits_and_entries / priced_s / peer_rate
    print_figures(
        session.console,
        f"Positions: {len(rows):,} trades of {_MINTS} mints, FIFO, by processor time of one core",
        [
            Figure(
                "exits and entries, priced",
                rate(exits_and_entries / priced_s, "events"),
                f"≥ 20 times {PEER}",
                ratio >= 20,
                f"{ratio:.0f} times as fast",
            ),
            Figure("  without prices", rate(exits_and_entries / plain_s, "events")),
            Figure(f"  {PEER} {PEER_VERSION}", rate(peer_rate, "events"), note="priced as well"),
        ],
    )


def trades() -> list[TradeRow]:
    """Return trades of one wallet, in chain order: entries, partial exits, re-entries."""
    chance = random.Random(3)
    held = dict.fromkeys(range(_MINTS), 0)
    rows = [_row(0, USDC_MINT, 10**12, SOL_MINT, 10**6 * _WHOLE_SOL)]
    for number in range(1, _TRADES):
        which = chance.randrange(_MINTS)
        sol = chance.randrange(10**6, 10**10)
        mint = Mint(f"mint{which}")
        if held[which] and chance.random() < 0.45:
            units = min(held[which], chance.randrange(1, 10**9))
            held[which] -= units
            rows.append(_row(number, mint, units, SOL_MINT, sol))
        else:
            units = chance.randrange(1, 10**9)
            held[which] += units
            rows.append(_row(number, SOL_MINT, sol, mint, units))
    return rows


def _row(number: int, sold: Mint, sold_raw: int, bought: Mint, bought_raw: int) -> TradeRow:
    return TradeRow(
        _WALLET,
        Moment(Slot(number), 0),
        UnixSeconds(_BEGIN + 60 * number),
        sold,
        RawAmount(sold_raw),
        bought,
        RawAmount(bought_raw),
    )


def _price(mint: Mint, raw: RawAmount, _at: UnixSeconds) -> Ratio | None:
    return Ratio(raw * _LAMPORTS_USD.num, _LAMPORTS_USD.den) if mint == SOL_MINT else None


def _match(
    rows: Sequence[TradeRow], price: Callable[[Mint, RawAmount, UnixSeconds], Ratio | None] | None
) -> None:
    for _ in match_trades(rows, method=Method.FIFO, price_of=price):
        pass


def _seconds(work: Callable[[], None]) -> float:
    return median([timed_cpu(work)[0] for _ in range(_REPEATS)])


class _PeerEvent(NamedTuple):
    """One exit or entry as the peer reads it: decimal text, a price in USD a unit."""

    asset: str
    is_exit: bool
    at: str
    qty: str
    usd: str


def _peer_rate(rows: Iterable[TradeRow]) -> float:
    """Return the events a second that the peer's engine does in an environment of its own."""
    settings = LocalSettings.from_env()
    toolchain = Toolchain(settings)
    with toolchain.alone():
        interpreter = toolchain.pypi_package(PEER, PEER_VERSION)
    events = [event for row in rows for event in _peer_events(row)]
    # It writes a log into the folder it runs in.
    with TemporaryDirectory(prefix="oof-bench-") as folder:
        run = subprocess.run(
            [str(interpreter), "-W", "ignore", str(_PEER_SCRIPT), str(_REPEATS)],
            input=b"".join(orjson.dumps(event._asdict()) + b"\n" for event in events),
            capture_output=True,
            check=False,
            cwd=folder,
            env=settings.subprocess_env(),
        )
    if run.returncode != 0:
        complaint = run.stderr.decode(errors="replace").strip()[-1000:]
        raise LocalRuntimeFault(f"{PEER} ended with {run.returncode}: {complaint}")
    told = orjson.loads(run.stdout)
    return float(told["events"]) / median([float(each) for each in told["seconds"]])


def _peer_events(row: TradeRow) -> Iterable[_PeerEvent]:
    """The same trade: what was sold leaves, what was bought enters, at one worth in USD."""
    sol = row.sold_raw if row.sold_mint == SOL_MINT else row.bought_raw
    usd = Decimal(sol * _LAMPORTS_USD.num) / _LAMPORTS_USD.den
    legs = ((row.sold_mint, row.sold_raw, True), (row.bought_mint, row.bought_raw, False))
    for mint, raw, is_exit in legs:
        # Dollars are never entered here, and the peer refuses to sell what was not bought.
        if mint != USDC_MINT:
            yield _PeerEvent(mint, is_exit, str(row.block_time), str(raw), f"{usd / raw:f}")
