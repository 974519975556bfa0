"""What each token of a wallet came to: over a window at once, over other days once summed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from oof.app.follow_work import follow
from oof.app.list_transactions import UNSEEN_HEAD
from oof.app.request_view import ViewAskDeps, begin_analysis
from oof.domain.jobs import Job, WorkKind, WorkRequest
from oof.domain.units import Address
from oof.domain.windows import AskedDays, DaySpan
from oof.ports.position_pages import PositionsHead
from oof.ports.system import unix_now
from oof.ports.token_results import TokenKey, TokenOrder, TokenPage, TokenResultReader

_UNSEEN: Final = PositionsHead(wallet=UNSEEN_HEAD, folded_slot=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAsk:
    """Which page somebody asks for."""

    wallet: Address
    days: AskedDays
    wanted: TokenOrder
    after: TokenKey | None
    limit: int
    caller: str


def read_token_results(
    reader: TokenResultReader, asking: ViewAskDeps, ask: TokenAsk
) -> TokenPage | Job:
    """Return a page; or the job that sums the days first, whoever else asked for them.

    An unseen wallet has no tokens yet. Of a page further on, days that expired have a page
    without a span. Raises TooManyAnalyses.
    """
    page = _page(reader, asking, ask)
    if page is None:
        return TokenPage(_UNSEEN, ask.days.span, 0)
    if page.span is not None or ask.after is not None:
        return page
    if ask.days.window is not None:
        return page._replace(span=ask.days.span)
    request = WorkRequest(
        kind=WorkKind.SUM_TOKENS,
        wallet=ask.wallet,
        params=params_of(ask.days.span, page.turns),
    )
    work = begin_analysis(asking, request, caller=ask.caller)
    at = unix_now(asking.clock)
    return follow(asking.remembering.following, work, ask.caller, at=at)


def params_of(span: DaySpan, turns: int) -> dict[str, str]:
    """Return days, and what the wallet is at, as a work's parameters; `span_of` undoes it."""
    return {"first": str(span.lowest), "last": str(span.last), "turns": str(turns)}


def span_of(params: Mapping[str, str]) -> DaySpan:
    """Return the days of a work's parameters."""
    return DaySpan(int(params["first"]), int(params["last"]))


def _page(reader: TokenResultReader, asking: ViewAskDeps, ask: TokenAsk) -> TokenPage | None:
    days, wanted = ask.days, ask.wanted
    if days.window is not None:
        return reader.of_window(
            ask.wallet, days.window, wanted=wanted, after=ask.after, limit=ask.limit
        )
    at = asking.clock.now()
    return reader.of_days(
        ask.wallet, days.span, wanted=wanted, after=ask.after, at=at, limit=ask.limit
    )
