"""What a wallet's tokens are worth, for its headline; and how the newest price is looked up."""

from collections.abc import Sequence
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.price_rows import MINUTE_S, priced_of
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.positions.days import FIGURES, decode_usd, figures_of_row
from oof.domain.positions.headline import (
    QUOTE_AGE_S,
    HeldPosition,
    Quote,
    WalletWorth,
    quote_of,
)
from oof.domain.tokens import QUOTES
from oof.domain.units import Address, Mint, UnixSeconds

NEWEST_PRICE: Final = """
LEFT JOIN LATERAL (
    SELECT c.close, c.start, c.width, c.source, c.confidence FROM candles c
    WHERE c.mint_id = p.mint_id AND c.start >= %(quoted_since)s AND c.start <= %(quoted_until)s
    ORDER BY c.start DESC, c.width LIMIT 1
) AS quote ON true
"""
"""Joins the newest price to `p.mint_id`: close, start, width, source and confidence. By the key."""

_SUMS: Final = f"""
SELECT count(*) FILTER (WHERE p.usd IS NULL),
    {", ".join(f"coalesce(sum((p.usd->>'{name}')::numeric), 0)" for name in FIGURES)}
FROM positions p JOIN mints m USING (mint_id)
WHERE p.wallet_id = (SELECT wallet_id FROM wallets WHERE address = %(wallet)s)
    AND m.address <> ALL(%(hidden)s)
"""  # noqa: S608 - names of our own figures
_HELD: Final = f"""
SELECT m.address, m.decimals, p.figures->>'held_raw', p.usd, quote.close, quote.start, quote.width,
    quote.source, quote.confidence
FROM positions p JOIN mints m USING (mint_id) {NEWEST_PRICE}
WHERE p.wallet_id = (SELECT wallet_id FROM wallets WHERE address = %(wallet)s) AND p.is_open
    AND m.address <> ALL(%(hidden)s)
"""  # noqa: S608 - a part of our own


def quoted_within(at: UnixSeconds) -> dict[str, int]:
    """Return the parameters of `NEWEST_PRICE`."""
    return {"quoted_since": -(-(at - QUOTE_AGE_S) // MINUTE_S), "quoted_until": at // MINUTE_S}


def quote_in(row: Sequence[Any], at: UnixSeconds) -> Quote | None:
    """Return the columns of `NEWEST_PRICE` as a quote."""
    return None if row[0] is None else quote_of(priced_of(row), at)


def worth_of(cursor: Cursor, wallet: Address, *, at: UnixSeconds) -> WalletWorth:
    """See `ValuationReads.worth`."""
    [sums] = cursor.execute(_SUMS, _asked(wallet, at)).fetchall()
    figures = figures_of_row(dict(zip(FIGURES, sums[1:], strict=True)))
    return WalletWorth(figures, sums[0], held_of(cursor, wallet, at=at))


def held_of(cursor: Cursor, wallet: Address, *, at: UnixSeconds) -> tuple[HeldPosition, ...]:
    """Return a wallet's open positions, SOL and dollars aside, at the newest prices."""
    return tuple(
        HeldPosition(
            Mint(address_of(mint)),
            decimals,
            int(raw),
            None if usd is None else decode_usd(usd),
            quote_in(quote, at),
        )
        for mint, decimals, raw, usd, *quote in cursor.execute(_HELD, _asked(wallet, at)).fetchall()
    )


def _asked(wallet: Address, at: UnixSeconds) -> dict[str, Any]:
    hidden = [address_bytes(Address(mint)) for mint in sorted(QUOTES)]
    return {"wallet": address_bytes(wallet), "hidden": hidden, **quoted_within(at)}
