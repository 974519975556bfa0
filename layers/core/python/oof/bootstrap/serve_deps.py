"""What the API's routes work with, as a value: tests fill it with fakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oof.app.open_wallet import OpenCaps
from oof.app.read_job import JobDeps
from oof.app.read_statuses import StatusDeps
from oof.app.read_summary import SummaryDeps
from oof.app.read_view import ViewDeps
from oof.app.request_backfill import BackfillDeps
from oof.app.request_view import ViewAskDeps
from oof.ports.flow_pages import FlowReader
from oof.ports.health import Probe
from oof.ports.history import HistoryReader
from oof.ports.holding_days import HoldingDaysReader
from oof.ports.moment_pages import MomentReader
from oof.ports.pnl_days import PnlReader
from oof.ports.portraits import PortraitReader
from oof.ports.position_pages import PositionReader
from oof.ports.prices import PriceReader
from oof.ports.system import Clock
from oof.ports.token_results import TokenResultReader
from oof.ports.tokens import TokenFactsReader
from oof.ports.vectors import VectorReader


class CursorKeys(NamedTuple):
    """What cursors are signed with (`current`), and still accepted from (`previous`)."""

    current: bytes
    previous: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeDeps:
    """Everything the routes call."""

    probes: Sequence[Probe]
    clock: Clock
    summary: SummaryDeps
    history: HistoryReader
    positions: PositionReader
    token_results: TokenResultReader
    pnl: PnlReader
    flows: FlowReader
    holding_days: HoldingDaysReader
    moments: MomentReader
    portraits: PortraitReader
    prices: PriceReader
    tokens: TokenFactsReader
    backfill: BackfillDeps
    job_views: JobDeps
    views: ViewDeps
    view_asks: ViewAskDeps
    statuses: StatusDeps
    vectors: VectorReader
    cursor_keys: Callable[[], CursorKeys]
    cors_origins: Sequence[str]

    @property
    def open_policy(self) -> Mapping[str, str]:
        """Headers that tell how many wallets a caller may open a day."""
        return {"RateLimit-Policy": open_policy(self.summary.opening.caps)}


def open_policy(caps: OpenCaps) -> str:
    """The limit on opening wallets, in the IETF's form."""
    return f'"opens";q={caps.per_caller};w=86400'
