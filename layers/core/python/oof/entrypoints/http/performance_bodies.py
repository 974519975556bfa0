"""What tokens came to, as bodies and as CSV (RFC 4180)."""

import csv
import io
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from oof.app.read_token_results import TokenAsk
from oof.domain.rollups.windows import ratio_of
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import Amount
from oof.domain.units import RawAmount
from oof.entrypoints.http.bodies import (
    AmountBody,
    Body,
    LamportsText,
    MaybeTime,
    SymbolText,
    shown_by,
    utc_or_none,
)
from oof.entrypoints.http.examples import AMOUNT, WALLET
from oof.entrypoints.http.pnl_overview import ratio_text
from oof.entrypoints.http.usd_bodies import UsdText, text
from oof.entrypoints.http.window_bodies import WINDOW, WindowBody, window_body
from oof.ports.token_results import TokenPage, TokenRecord

CSV: Final = "text/csv"
TOKENS: Final[dict[str, Any]] = {
    "address": WALLET,
    "state": "SEEN_FULL",
    "as_of_slot": 343_000_123,
    "folding": False,
    "method": "fifo",
    "window": WINDOW,
    "items": [
        {
            "mint": AMOUNT["mint"],
            "symbol": AMOUNT["symbol"],
            "buys": 2,
            "exits": 3,
            "wins": 2,
            "losses": 1,
            "win_rate": "0.666667",
            "realized_usd": "48.00000000",
            "realized_lamports": "310000000",
            "cost_usd": "100.00000000",
            "proceeds_usd": "150.00000000",
            "fees_usd": "2.00000000",
            "volume_usd": "250.00000000",
            "roi": "0.480000",
            "pending": 0,
            "unpriced": 0,
            "unvalued": 0,
            "excluded_usd": "0.00000000",
            "first_trade_at": "2025-05-04T09:00:00Z",
            "last_trade_at": "2025-05-31T21:30:00Z",
            "first_slot": 337_000_001,
            "last_slot": 342_990_001,
            "held": AMOUNT,
        }
    ],
    "next_cursor": None,
}


class TokenResultBody(Body):
    """One token within the days: FIFO, profit net of fees, of exits with a price in USD."""

    mint: str
    symbol: SymbolText
    buys: int
    exits: Annotated[int, Field(description="trades that sold some of it")]
    wins: Annotated[int, Field(description="exits above zero in USD")]
    losses: Annotated[int, Field(description="exits below zero in USD")]
    win_rate: Annotated[
        str | None, Field(description="wins / (wins + losses), 6 decimals; null without any")
    ]
    realized_usd: Annotated[UsdText, Field(description="proceeds_usd - cost_usd - fees_usd")]
    realized_lamports: Annotated[
        LamportsText, Field(description="of exits whose every part is known in SOL")
    ]
    cost_usd: Annotated[UsdText, Field(description="of the units in `realized_usd`")]
    proceeds_usd: Annotated[UsdText, Field(description="of the same")]
    fees_usd: Annotated[UsdText, Field(description="on entry and exit, of the same")]
    volume_usd: Annotated[UsdText, Field(description="bought and sold")]
    roi: Annotated[
        str | None,
        Field(
            description="realized_usd / cost_usd, 6 decimals; null where nothing was sold at a "
            "known cost"
        ),
    ]
    pending: Annotated[int, Field(description="exits in no USD yet: they wait for a price")]
    unpriced: Annotated[int, Field(description="exits in no USD: nobody knows a price")]
    unvalued: Annotated[int, Field(description="trades either way that are in no volume")]
    excluded_usd: Annotated[
        UsdText, Field(description="got for units of unknown cost or of no known lot: in no profit")
    ]
    first_trade_at: Annotated[MaybeTime, Field(description="within the days")]
    last_trade_at: Annotated[MaybeTime, Field(description="within the days")]
    first_slot: int
    last_slot: int
    held: Annotated[
        AmountBody | None, Field(description="now, whatever the days; null where it is not known")
    ]


class TokenResultsBody(Body):
    """Tokens traded within the days, in the order asked for."""

    model_config = shown_by(TOKENS)

    address: str
    state: WalletState
    as_of_slot: Annotated[int | None, Field(description="everything up to it is counted")]
    folding: Annotated[bool, Field(description="something newer or older is about to be counted")]
    method: Literal["fifo"] = "fifo"
    window: Annotated[WindowBody, Field(description="the days that are covered")]
    items: list[TokenResultBody]
    next_cursor: str | None


def tokens_body(ask: TokenAsk, page: TokenPage, cursor: str | None) -> TokenResultsBody:
    """The body of a page of tokens."""
    return TokenResultsBody(
        address=ask.wallet,
        state=page.head.wallet.state,
        as_of_slot=page.head.folded_slot,
        folding=page.head.is_folding,
        window=window_body(ask.days, covered=page.span),
        items=[_token(record) for record in page.records],
        next_cursor=cursor,
    )


def tokens_csv(items: list[TokenResultBody]) -> str:
    """The lines of a page under their heading; empty where something is not known."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for item in items:
        line = item.model_dump(mode="json")
        held = line["held"] or {"raw": None, "decimals": None}
        writer.writerow([*(line[name] for name in _PLAIN), held["raw"], held["decimals"]])
    return out.getvalue()


_PLAIN: Final = tuple(name for name in TokenResultBody.model_fields if name != "held")
COLUMNS: Final = (*_PLAIN, "held_raw", "decimals")


def _token(record: TokenRecord) -> TokenResultBody:
    window, sums = record.window, record.window.figures
    decided = sums.wins + sums.losses
    rate = ratio_of(Decimal(sums.wins), Decimal(decided)) if decided else None
    held = None
    if record.held_raw is not None:
        raw = RawAmount(record.held_raw)
        held = AmountBody.of(Amount(raw, record.decimals, window.mint, record.symbol))
    return TokenResultBody(
        mint=window.mint,
        symbol=record.symbol,
        buys=sums.buys,
        exits=sums.exits,
        wins=sums.wins,
        losses=sums.losses,
        win_rate=ratio_text(rate),
        realized_usd=text(sums.realized_usd),
        realized_lamports=str(sums.realized_lamports),
        cost_usd=text(sums.cost_usd),
        proceeds_usd=text(sums.proceeds_usd),
        fees_usd=text(sums.fees_usd),
        volume_usd=text(sums.volume_usd),
        roi=ratio_text(window.roi),
        pending=sums.pending,
        unpriced=sums.unpriced,
        unvalued=sums.unvalued,
        excluded_usd=text(sums.excluded_usd),
        first_trade_at=utc_or_none(window.first_at),
        last_trade_at=utc_or_none(window.last_at),
        first_slot=window.first_slot,
        last_slot=window.last_slot,
        held=held,
    )
