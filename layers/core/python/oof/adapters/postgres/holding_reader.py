"""What wallets held by day, from Postgres."""

from collections.abc import Sequence
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor, Database
from oof.adapters.postgres.position_reader import positions_head
from oof.adapters.postgres.price_rows import priced_of
from oof.adapters.postgres.rows import address_of
from oof.domain.positions.held_values import HeldSpan
from oof.domain.prices.series import Priced
from oof.domain.snapshot.activity import TX
from oof.domain.units import Address, Mint
from oof.domain.windows import NO_DAY, DaySpan
from oof.ports.holding_days import MAX_SPANS, HoldingDaysPage

# By holding_days_held; the rest by primary keys. OFFSET keeps the planner from reading all mints
# for a page of them.
HELD: Final = """
SELECT t.oldest_time, u.value, s.mint_id, m.address, m.decimals, s.held_raw,
    greatest(s.day, %(first)s), least(s.until_day - 1, %(last)s), m.symbol
FROM tracked_wallets t LEFT JOIN wallet_activity_days u
    ON u.wallet_id = t.wallet_id AND u.day = %(no_day)s AND u.name = %(tx)s
LEFT JOIN LATERAL (
    SELECT * FROM holding_days h WHERE h.wallet_id = %(wallet)s AND h.until_day > %(first)s
        AND h.day BETWEEN 0 AND %(last)s AND h.held_raw > 0
    ORDER BY h.until_day DESC, h.day DESC LIMIT %(limit)s + 1
) AS s ON true
LEFT JOIN LATERAL (SELECT * FROM mints WHERE mint_id = s.mint_id OFFSET 0) m ON true
WHERE t.wallet_id = %(wallet)s ORDER BY m.address, s.day
"""
# By the primary key of candles: whether there is any within the days, then the last of each.
CLOSES: Final = """
WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(%(mints)s::int4[], %(firsts)s::int4[], %(lasts)s::int4[])
        AS i (mint_id, first, last)
    WHERE (
        SELECT true FROM candles c WHERE c.mint_id = i.mint_id
            AND c.start >= i.first * 1440 AND c.start < (i.last + 1) * 1440 LIMIT 1
    )
)
SELECT a.mint_id, d.day, c.close, c.start, c.width, c.source, c.confidence
FROM asked a CROSS JOIN LATERAL generate_series(a.first, a.last) AS d (day)
CROSS JOIN LATERAL (
    SELECT * FROM candles c WHERE c.mint_id = a.mint_id
        AND c.start >= d.day * 1440 AND c.start < (d.day + 1) * 1440
    ORDER BY c.start DESC, c.width LIMIT 1
) AS c
"""


class PostgresHoldingDaysReader:
    """A `HoldingDaysReader` over the stored days of holdings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wallet: Address, span: DaySpan) -> HoldingDaysPage | None:
        """See `HoldingDaysReader.page`."""
        with self._database.transaction() as cursor:
            found = positions_head(cursor, wallet)
            if found is None:
                return None
            wallet_id, head = found
            rows = cursor.execute(HELD, asked_spans(wallet_id, span)).fetchall()
            held = [row[2:] for row in rows if row[2] is not None]
            closes = _closes(cursor, held)
        oldest_time, undated = rows[0][:2]
        return HoldingDaysPage(
            head=head,
            oldest_time=oldest_time,
            undated=int(undated or 0),
            spans=tuple(_span(row) for row in held[:MAX_SPANS]),
            closes=closes,
            is_cut=len(held) > MAX_SPANS,
        )


def asked_spans(wallet_id: int, span: DaySpan) -> dict[str, Any]:
    """Return the parameters of `HELD`."""
    return {
        "wallet": wallet_id,
        "first": span.lowest,
        "last": span.last,
        "no_day": NO_DAY,
        "tx": TX,
        "limit": MAX_SPANS,
    }


def asked_closes(held: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Return the parameters of `CLOSES`: a stretch of days a mint."""
    firsts: dict[int, int] = {}
    lasts: dict[int, int] = {}
    for row in held:
        mint_id, first, last = row[0], row[4], row[5]
        firsts[mint_id] = min(first, firsts.get(mint_id, first))
        lasts[mint_id] = max(last, lasts.get(mint_id, last))
    return {"mints": list(firsts), "firsts": list(firsts.values()), "lasts": list(lasts.values())}


def _closes(cursor: Cursor, held: Sequence[Sequence[Any]]) -> dict[tuple[Mint, int], Priced]:
    if not held:
        return {}
    mints = {row[0]: Mint(address_of(row[1])) for row in held}
    rows = cursor.execute(CLOSES, asked_closes(held)).fetchall()
    return {(mints[mint_id], day): priced_of(price) for mint_id, day, *price in rows}


def _span(row: Sequence[Any]) -> HeldSpan:
    _, mint, decimals, raw, first, last, symbol = row
    return HeldSpan(Mint(address_of(mint)), decimals, int(raw), first, last, symbol)
