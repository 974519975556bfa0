"""Loads the prices that somebody is about to look up, in one statement."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from oof.adapters.postgres.connection import Cursor
from oof.adapters.postgres.price_rows import MINUTE_S, candle_of
from oof.adapters.postgres.rows import address_bytes, address_of
from oof.domain.prices.book import MintPrices, PriceBook, Span, merged
from oof.domain.prices.candles import Candle
from oof.domain.units import Address, Mint

# Per stretch: its mint, its days, the candles from its first minute on, and those wider ones
# that began earlier and reach into it; all by primary keys. OFFSET keeps the planner from joining
# all candles of a mint with all stretches of it, which it prefers where it has no statistics yet:
# that took 20 times as long.
_BOOK: Final = """
WITH asked AS MATERIALIZED (
    SELECT m.mint_id, m.address, m.decimals, k.since, k.until
    FROM unnest(%(addresses)s::bytea[], %(sinces)s::int4[], %(untils)s::int8[])
         AS k (address, since, until)
    CROSS JOIN LATERAL (SELECT * FROM mints WHERE address = k.address OFFSET 0) m
), days AS (
    -- a row with candles that nobody was asked for is there for a quote alone
    SELECT DISTINCT d.mint_id, d.day, CASE WHEN d.due_at IS NOT NULL THEN 'pending'
        WHEN d.tries > 0 THEN 'asked' ELSE 'never' END AS state
    FROM asked a CROSS JOIN LATERAL (
        SELECT * FROM price_days
        WHERE mint_id = a.mint_id AND day BETWEEN a.since / 1440 AND (a.until - 1) / 86400 OFFSET 0
    ) d
    WHERE d.due_at IS NOT NULL OR d.tries > 0 OR d.width IS NULL
), told AS (
    SELECT c.* FROM asked a CROSS JOIN LATERAL (
        SELECT * FROM candles WHERE mint_id = a.mint_id
            AND start >= a.since AND start < (a.until + 59) / 60 OFFSET 0
    ) c
    UNION ALL
    SELECT c.* FROM asked a CROSS JOIN (VALUES (5), (60)) AS wide (minutes) CROSS JOIN LATERAL (
        SELECT * FROM candles WHERE mint_id = a.mint_id
            AND start = a.since / wide.minutes * wide.minutes
            AND width = wide.minutes * 60 OFFSET 0
    ) c
    WHERE a.since %% wide.minutes > 0
)
SELECT DISTINCT mint_id, address, decimals::int4, NULL::text, NULL::int4, NULL::numeric,
    NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric, NULL::int2, NULL::int2 FROM asked
UNION ALL
SELECT mint_id, NULL, day, state, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM days
UNION ALL
SELECT mint_id, NULL, start, NULL, width, open, high, low, close, volume_usd, source, confidence
FROM told
"""


def load_book(cursor: Cursor, spans: Iterable[Span]) -> PriceBook:
    """Return every price that can be looked up within `spans`; asks nothing for none."""
    wanted = merged(spans)
    if not wanted:
        return PriceBook()
    asked = {
        "addresses": [address_bytes(Address(span.mint)) for span in wanted],
        "sinces": [span.start // MINUTE_S for span in wanted],
        "untils": [span.end for span in wanted],
    }
    return PriceBook(_by_mint(cursor.execute(_BOOK, asked).fetchall()))


def _by_mint(rows: Iterable[Sequence[Any]]) -> list[MintPrices]:
    mints: dict[int, tuple[Mint, int | None]] = {}
    candles: dict[int, list[Candle]] = defaultdict(list)
    days: dict[tuple[int, str], set[int]] = defaultdict(set)
    for mint_id, address, number, state, *rest in rows:
        if address is not None:
            mints[mint_id] = Mint(address_of(address)), number
        elif state is not None:
            days[mint_id, state].add(number)
        else:
            candles[mint_id].append(candle_of((number, *rest)))
    return [
        MintPrices(
            mint,
            decimals,
            candles[mint_id],
            **{state: frozenset(days[mint_id, state]) for state in ("asked", "pending", "never")},
        )
        for mint_id, (mint, decimals) in mints.items()
    ]
