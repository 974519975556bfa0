"""The statements of the price store. Rows are locked by mint, then day, ascending."""

from typing import Final

from oof.adapters.postgres.valuation_writes import MARK

# One row, so that two who note at once take turns.
SCAN: Final = "SELECT noted_tx FROM price_scan FOR UPDATE"
NEWEST: Final = "SELECT coalesce(max(tx_id), 0) FROM trades"
SCANNED: Final = "UPDATE price_scan SET noted_tx = greatest(noted_tx, %s)"

# Both mints of every trade, and SOL, in which fees are paid; `per_dollar` is lamports for the
# smallest part of a dollar coin.
NOTE: Final = """
WITH known AS (
    SELECT (SELECT mint_id FROM mints WHERE address = %(sol)s) AS sol,
           ARRAY(SELECT mint_id FROM mints WHERE address = ANY(%(dollars)s)) AS dollars
), dealt AS (
    SELECT t.sold_mint_id, t.bought_mint_id, k.sol, t.slot,
           (x.block_time / 86400)::int4 AS day,
           CASE WHEN t.sold_mint_id = k.sol THEN t.sold_raw
                WHEN t.bought_mint_id = k.sol THEN t.bought_raw
                WHEN t.sold_mint_id = ANY(k.dollars) THEN t.sold_raw * %(per_dollar)s
                WHEN t.bought_mint_id = ANY(k.dollars) THEN t.bought_raw * %(per_dollar)s
                ELSE 0 END AS notional
    FROM trades t JOIN transactions x USING (tx_id) CROSS JOIN known k
    WHERE t.tx_id > %(after)s AND t.tx_id <= %(upto)s AND x.block_time IS NOT NULL
), touched AS (
    SELECT mint_id, day, max(notional) AS notional, min(slot) AS first_slot,
           max(slot) AS last_slot
    FROM dealt, LATERAL unnest(ARRAY[sold_mint_id, bought_mint_id, sol]) AS mint_id
    WHERE mint_id IS NOT NULL
    GROUP BY mint_id, day
), followed AS (
    SELECT mint_id, day + past AS day, max(notional) AS notional,
           min(first_slot) FILTER (WHERE past = 0) AS first_slot,
           max(last_slot) FILTER (WHERE past = 0) AS last_slot
    FROM touched CROSS JOIN generate_series(0, %(followed)s) AS past
    GROUP BY 1, 2
), days AS (
    INSERT INTO price_days AS d (mint_id, day, notional, first_slot, last_slot, due_at)
    SELECT mint_id, day, notional, first_slot, last_slot,
           CASE WHEN day >= %(oldest)s THEN to_timestamp(day * 86400::int8 + 300) END
    FROM followed ORDER BY mint_id, day
    ON CONFLICT (mint_id, day) DO UPDATE SET
        notional = greatest(d.notional, excluded.notional),
        first_slot = least(d.first_slot, excluded.first_slot),
        last_slot = greatest(d.last_slot, excluded.last_slot),
        -- nobody told of this day, but there are trades now that were not there before
        due_at = CASE
            WHEN d.told > 0 OR d.due_at IS NOT NULL THEN d.due_at
            WHEN (least(d.first_slot, excluded.first_slot),
                  greatest(d.last_slot, excluded.last_slot))
                 IS DISTINCT FROM (d.first_slot, d.last_slot) THEN excluded.due_at END
    WHERE excluded.notional > d.notional
       OR least(d.first_slot, excluded.first_slot) IS DISTINCT FROM d.first_slot
       OR greatest(d.last_slot, excluded.last_slot) IS DISTINCT FROM d.last_slot
), dear AS (
    INSERT INTO price_mints AS m (mint_id, notional)
    SELECT mint_id, max(notional) FROM touched GROUP BY mint_id ORDER BY mint_id
    ON CONFLICT (mint_id) DO UPDATE SET notional = excluded.notional
    WHERE excluded.notional > m.notional
)
SELECT count(*) FROM dealt
"""

DUE_DAYS: Final = """
SELECT m.address, d.day, trunc(d.notional)
FROM price_days d JOIN mints m USING (mint_id)
WHERE d.due_at <= %(at)s ORDER BY d.notional DESC, m.address, d.day LIMIT %(limit)s
"""

# By the primary key, a stretch at a time.
DUE_AMONG: Final = """
WITH asked AS MATERIALIZED (
    SELECT m.mint_id, m.address, k.first, k.last
    FROM unnest(%(addresses)s::bytea[], %(firsts)s::int4[], %(lasts)s::int4[])
         AS k (address, first, last)
    JOIN mints m USING (address)
)
SELECT DISTINCT a.address, d.day, trunc(d.notional) AS notional
FROM asked a CROSS JOIN LATERAL (
    SELECT * FROM price_days WHERE mint_id = a.mint_id AND day BETWEEN a.first AND a.last OFFSET 0
) d
WHERE d.due_at <= %(at)s ORDER BY notional DESC, a.address, d.day
"""

DUE_QUOTES: Final = """
SELECT m.address FROM price_mints p JOIN mints m USING (mint_id)
WHERE p.quoted_at IS NULL OR p.quoted_at <= %(before)s
ORDER BY p.notional DESC, m.address LIMIT %(limit)s
"""

# Takes each day's row before its candles, as compacting does.
KEEP_DAYS: Final = """
INSERT INTO price_days AS d (mint_id, day, width)
SELECT m.mint_id, k.day, min(k.width)
FROM unnest(%(addresses)s::bytea[], %(days)s::int4[], %(widths)s::int2[])
     AS k (address, day, width)
JOIN mints m USING (address)
GROUP BY 1, 2 ORDER BY 1, 2
ON CONFLICT (mint_id, day) DO UPDATE SET width = least(d.width, excluded.width)
"""

# Whoever waits for a price of a day that something new was told of is valued again.
KEEP: Final = f"""
WITH kept AS (
INSERT INTO candles AS c
    (mint_id, start, width, source, confidence, open, high, low, close, volume_usd)
SELECT m.mint_id, k.start, k.width, k.source, k.confidence,
       k.open, k.high, k.low, k.close, k.volume_usd
FROM unnest(%(addresses)s::bytea[], %(starts)s::int4[], %(widths)s::int2[], %(sources)s::int2[],
            %(confidences)s::int2[], %(opens)s::numeric[], %(highs)s::numeric[],
            %(lows)s::numeric[], %(closes)s::numeric[], %(volumes)s::numeric[])
     AS k (address, start, width, source, confidence, open, high, low, close, volume_usd)
JOIN mints m USING (address)
ORDER BY m.mint_id, k.start, k.width
ON CONFLICT (mint_id, start, width) DO UPDATE SET
    source = excluded.source, confidence = excluded.confidence, open = excluded.open,
    high = excluded.high, low = excluded.low, close = excluded.close,
    volume_usd = excluded.volume_usd
WHERE excluded.confidence >= c.confidence
  AND (excluded.source, excluded.confidence, excluded.open, excluded.high, excluded.low,
       excluded.close, excluded.volume_usd)
      IS DISTINCT FROM (c.source, c.confidence, c.open, c.high, c.low, c.close, c.volume_usd)
RETURNING mint_id, start / 1440 AS day
), told AS (
    SELECT w.wallet_id, w.mint_id, min(w.from_slot) AS from_slot
    FROM (SELECT DISTINCT mint_id, day FROM kept) k
    JOIN valuation_waits w ON w.price_mint_id = k.mint_id AND w.day = k.day
    WHERE w.is_missing GROUP BY 1, 2
), marked AS (
    INSERT INTO valuation_due AS d (wallet_id, mint_id, from_slot, at)
    SELECT wallet_id, mint_id, from_slot, to_timestamp(0) FROM told
    ORDER BY wallet_id, mint_id {MARK}
)
SELECT count(*) FROM kept
"""  # noqa: S608 - the end of a statement of our own

# Since only what is not over or lacks something is due again, a day ends by itself.
SETTLE: Final = """
WITH asked AS (
    SELECT m.mint_id, k.day, k.until, k.told, k.lacking
    FROM unnest(%(addresses)s::bytea[], %(days)s::int4[], %(untils)s::int8[], %(tolds)s::int4[],
                %(lackings)s::boolean[]) AS k (address, day, until, told, lacking)
    JOIN mints m USING (address)
), locked AS (
    SELECT d.mint_id, d.day FROM price_days d JOIN asked USING (mint_id, day)
    ORDER BY d.mint_id, d.day FOR UPDATE OF d
)
UPDATE price_days d SET
    told = greatest(d.told, a.told), tries = least(d.tries + 1, 1000),
    due_at = CASE WHEN a.until < (d.day + 1) * 86400::int8 THEN %(again_at)s
                  WHEN a.lacking AND d.tries < %(most)s THEN %(again_at)s END
FROM asked a JOIN locked USING (mint_id, day)
WHERE d.mint_id = a.mint_id AND d.day = a.day
"""

# Nobody will tell more of these days: who waits until then is valued for the last time. Waits are
# deleted by who values, so that what was noted while a day was settled is found the next time.
MARK_SETTLED: Final = f"""
INSERT INTO valuation_due AS d (wallet_id, mint_id, from_slot, at)
SELECT w.wallet_id, w.mint_id, min(w.from_slot), to_timestamp(0)
FROM valuation_waits w JOIN price_days p ON p.mint_id = w.price_mint_id AND p.day = w.day
WHERE p.due_at IS NULL AND p.tries > 0
GROUP BY 1, 2 ORDER BY 1, 2 {MARK}
"""  # noqa: S608 - the end of a statement of our own

QUOTED: Final = """
WITH locked AS (
    SELECT mint_id FROM price_mints JOIN mints USING (mint_id)
    WHERE address = ANY(%(addresses)s) ORDER BY mint_id FOR UPDATE OF price_mints
)
UPDATE price_mints p SET quoted_at = greatest(p.quoted_at, %(at)s)
FROM locked WHERE p.mint_id = locked.mint_id
"""

# Trades against a dollar coin, or of another coin than those against SOL; a day at a time, by the
# slots of its own trades.
SWAPS: Final = """
WITH asked AS MATERIALIZED (
    SELECT m.mint_id, m.address, m.decimals, k.day,
        CASE WHEN m.address = %(sol)s THEN %(dollars)s::bytea[] ELSE %(quotes)s::bytea[] END
            AS quotes
    FROM unnest(%(addresses)s::bytea[], %(days)s::int4[]) AS k (address, day)
    JOIN mints m USING (address)
    WHERE m.decimals IS NOT NULL
), sides AS (
    SELECT a.*, t.* FROM asked a CROSS JOIN LATERAL (
        SELECT first_slot, last_slot FROM price_days
        WHERE mint_id = a.mint_id AND day = a.day AND first_slot IS NOT NULL OFFSET 0
    ) d CROSS JOIN LATERAL (
        SELECT tx_id, leg, trader_id, true AS is_buy, bought_raw AS raw,
               sold_mint_id AS quote_id, sold_raw AS quote_raw, is_maker, arbitrage
        FROM trades WHERE bought_mint_id = a.mint_id AND slot BETWEEN d.first_slot AND d.last_slot
        UNION ALL
        SELECT tx_id, leg, trader_id, false, sold_raw,
               bought_mint_id, bought_raw, is_maker, arbitrage
        FROM trades WHERE sold_mint_id = a.mint_id AND slot BETWEEN d.first_slot AND d.last_slot
        OFFSET 0
    ) t
)
SELECT s.address, s.day, x.block_time, w.address, s.is_buy, s.raw, s.decimals, q.address,
    s.quote_raw
FROM sides s
JOIN transactions x USING (tx_id)
JOIN wallets w ON w.wallet_id = s.trader_id
JOIN mints q ON q.mint_id = s.quote_id
WHERE q.address = ANY(s.quotes) AND NOT s.is_maker AND NOT s.arbitrage AND NOT x.revoked
  AND x.block_time / 86400 = s.day
ORDER BY s.address, s.day, x.block_time, x.slot, s.tx_id, s.leg, s.is_buy
"""

CANDLES: Final = """
SELECT c.start, c.width, c.open, c.high, c.low, c.close, c.volume_usd, c.source, c.confidence
FROM mints m JOIN candles c USING (mint_id)
WHERE m.address = %(mint)s AND c.start >= %(since)s AND c.start < %(until)s
ORDER BY c.start, c.width
"""

# By the primary key from bucket to bucket, one probe each, then all that lies up to the last one.
PAGE: Final = """
WITH RECURSIVE known AS (
    SELECT mint_id FROM mints WHERE address = %(mint)s
), buckets (number, bucket) AS (
    SELECT 1, (
        SELECT c.start / %(minutes)s FROM candles c
        WHERE c.mint_id = k.mint_id AND c.start >= %(since)s AND c.width <= %(width)s
        ORDER BY c.start LIMIT 1
    ) FROM known k
    UNION ALL
    SELECT b.number + 1, (
        SELECT c.start / %(minutes)s FROM candles c
        WHERE c.mint_id = k.mint_id AND c.start >= (b.bucket + 1) * %(minutes)s
            AND c.width <= %(width)s
        ORDER BY c.start LIMIT 1
    ) FROM buckets b CROSS JOIN known k WHERE b.bucket IS NOT NULL AND b.number < %(buckets)s
)
SELECT c.start, c.width, c.open, c.high, c.low, c.close, c.volume_usd, c.source, c.confidence
FROM known k JOIN candles c USING (mint_id)
WHERE c.start >= %(since)s AND c.width <= %(width)s
    AND c.start < (SELECT (max(bucket) + 1) * %(minutes)s FROM buckets)
ORDER BY c.start, c.width
"""

PENDING: Final = """
SELECT EXISTS (
    SELECT FROM mints m JOIN price_days d USING (mint_id)
    WHERE m.address = %(mint)s AND d.due_at <= %(at)s AND d.tries = 0
)
"""

OUTGROWN: Final = """
SELECT m.address, d.day FROM price_days d JOIN mints m USING (mint_id)
WHERE (d.width = 60 AND d.day <= %(minutes)s) OR (d.width = 300 AND d.day <= %(fives)s)
   OR (d.width = 3600 AND d.day <= %(hours)s)
ORDER BY d.day, m.address LIMIT %(limit)s
"""

LOCK_DAY: Final = """
SELECT d.mint_id FROM mints m JOIN price_days d USING (mint_id)
WHERE m.address = %(mint)s AND d.day = %(day)s FOR UPDATE OF d
"""
CLEAR_DAY: Final = """
DELETE FROM candles WHERE mint_id = %(mint_id)s AND start >= %(since)s AND start < %(until)s
"""
WIDEN_DAY: Final = """
UPDATE price_days SET width = %(width)s WHERE mint_id = %(mint_id)s AND day = %(day)s
"""
