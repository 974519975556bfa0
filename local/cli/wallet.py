"""`./oof wallet ADDRESS`: open it, watch it warm up, and show what is known."""

from rich.console import Console

from local.cli.api import WalletApi
from local.cli.behaviour import show_behaviour
from local.cli.classification import show_classification
from local.cli.heat_map import show_heat_map
from local.cli.moments import show_moments
from local.cli.overview import show_overview
from local.cli.pnl import show_pnl
from local.cli.position_tables import show_positions
from local.cli.tables import show_address, show_holdings, show_summary, show_transactions
from local.cli.watch import Watcher

_PAGE = 200
_HOLDINGS = 20
_POSITIONS = 20


def show_wallet(  # noqa: PLR0913 - what a person may choose, all by name
    api: WalletApi,
    address: str,
    *,
    progress: Console,
    out: Console,
    days: int | None,
    limit: int,
    trades_only: bool,
) -> None:
    """Open the wallet, wait for it, print what it holds, came to, lived through, is and did last.

    Progress goes to one console, results to the other, so that they can be kept apart. Raises
    CliFault.
    """
    watcher = Watcher(api, progress)
    summary = watcher.open(address)
    if days is not None:
        summary = watcher.deepen(address, days)
    summary = watcher.counted(address, summary)
    if days is not None:
        summary = watcher.priced(address, summary)
    page = api.transactions(address, _PAGE)
    show_summary(out, summary, page)
    show_pnl(out, api.pnl_chart(address))
    show_heat_map(out, api.pnl_calendar(address))
    show_overview(out, api.pnl_overview(address))
    show_holdings(out, api.holdings(address, _PAGE), limit=_HOLDINGS)
    show_positions(out, api.positions(address, _PAGE), summary["positions"], limit=_POSITIONS)
    show_moments(out, api.extremes(address))
    show_behaviour(out, api.behaviour(address))
    show_classification(out, api.classification(address))
    show_transactions(out, page, limit=limit, trades_only=trades_only)
    show_address(out, api.base_url, address)
