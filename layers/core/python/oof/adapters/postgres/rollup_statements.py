"""What is asked of Postgres to keep rollups of days, and to page through those of tokens."""

from typing import Final, LiteralString

from psycopg.sql import SQL, Composed

from oof.domain.positions.days import FIGURES, MONEY
from oof.domain.windows import DAYS, Window
from oof.ports.token_results import SortOrder, TokenOrder, TokenSort

SPAN_CODES: Final = {window: DAYS[window] or 0 for window in Window}
"""What windows are stored under: how many days they have, 0 for all."""

_TYPES: Final = dict.fromkeys((*MONEY, "realized_lamports"), "numeric")
_NAMES: Final = ", ".join(FIGURES)
_SUMS: Final = ", ".join(f"sum(d.{name})::{_TYPES.get(name, 'int4')} AS {name}" for name in FIGURES)
_NEW: Final = ", ".join(f"{name} = excluded.{name}" for name in FIGURES)
# What comes to the same is not written again: it would cost every index of it.
_CHANGED: Final = f"""
({", ".join(f"w.{name}" for name in FIGURES)})
    IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in FIGURES)})
"""
_REACH: Final = """
min(d.first_slot) AS first_slot, max(d.last_slot) AS last_slot, min(d.first_at) AS first_at,
max(d.last_at) AS last_at
"""
# Half away from zero, as the domain's: exact, since div() is.
_ROI: Final = """
CASE WHEN cost_usd > 0 THEN
    div(realized_usd * 2000000 + sign(realized_usd) * cost_usd, 2 * cost_usd) * 0.000001
END
"""
_HIDDEN: Final = """
ARRAY(SELECT mint_id FROM mints WHERE address = ANY(%(hidden)s))
"""

# What the next statements ask for by number: the planner knows then how many they are.
AT: Final = """
SELECT (SELECT to_day FROM wallet_windows WHERE wallet_id = %(wallet_id)s AND days = 0),
    ARRAY(SELECT mint_id FROM mints WHERE address = ANY(%(hidden)s)),
    ARRAY(SELECT mint_id FROM mints WHERE address = ANY(%(mint)s) AND address <> ALL(%(hidden)s))
"""
# By position_days_day.
AGED: Final = """
SELECT DISTINCT d.mint_id FROM unnest(%(first)s::int4[], %(last)s::int4[]) AS a (first, last)
JOIN position_days d ON d.wallet_id = %(wallet_id)s AND d.day BETWEEN a.first AND a.last
WHERE d.mint_id <> ALL(%(hidden_ids)s)
"""
# By position_days_day and the primary key. NOT IN: hashed, however few rows are expected.
ROLL_DAYS: Final = f"""
WITH fresh AS (
    SELECT d.day, {_SUMS} FROM position_days d
    WHERE d.wallet_id = %(wallet_id)s AND d.day = ANY(%(day)s)
        AND d.mint_id <> ALL(%(hidden_ids)s)
    GROUP BY d.day
), gone AS (
    DELETE FROM wallet_days w WHERE w.wallet_id = %(wallet_id)s AND w.day = ANY(%(day)s)
        AND w.day NOT IN (SELECT day FROM fresh)
)
INSERT INTO wallet_days AS w (wallet_id, day, {_NAMES})
SELECT %(wallet_id)s, day, {_NAMES} FROM fresh
ON CONFLICT (wallet_id, day) DO UPDATE SET {_NEW} WHERE {_CHANGED}
"""  # noqa: S608 - names of our own columns
# By the primary keys.
ROLL_TOKENS: Final = f"""
WITH fresh AS (
    SELECT s.days, d.mint_id, {_REACH}, {_SUMS}
    FROM position_days d
    JOIN unnest(%(days)s::int2[], %(lowest)s::int4[]) AS s (days, lowest) ON d.day >= s.lowest
    WHERE d.wallet_id = %(wallet_id)s AND d.mint_id = ANY(%(mint_ids)s) AND d.day <= %(today)s
    GROUP BY s.days, d.mint_id
), gone AS (
    DELETE FROM token_windows w
    WHERE w.wallet_id = %(wallet_id)s AND w.days = ANY(%(days)s) AND w.mint_id = ANY(%(mint_ids)s)
        AND (w.days, w.mint_id) NOT IN (SELECT days, mint_id FROM fresh)
)
INSERT INTO token_windows AS w
    (wallet_id, days, mint_id, first_slot, last_slot, first_at, last_at, roi, {_NAMES})
SELECT %(wallet_id)s, days, mint_id, first_slot, last_slot, first_at, last_at, {_ROI}, {_NAMES}
FROM fresh
ON CONFLICT (wallet_id, days, mint_id) DO UPDATE SET first_slot = excluded.first_slot,
    last_slot = excluded.last_slot, first_at = excluded.first_at, last_at = excluded.last_at,
    roi = excluded.roi, {_NEW}
WHERE (w.first_slot, w.last_slot, w.first_at, w.last_at) IS DISTINCT FROM
    (excluded.first_slot, excluded.last_slot, excluded.first_at, excluded.last_at) OR {_CHANGED}
"""  # noqa: S608 - names of our own columns
# By the primary keys.
ROLL_WALLET: Final = f"""
INSERT INTO wallet_windows AS w (wallet_id, days, to_day, turns, {_NAMES})
SELECT %(wallet_id)s, s.days, %(today)s, %(turns)s,
    {", ".join(f"coalesce(sum(d.{name}), 0)" for name in FIGURES)}
FROM unnest(%(days)s::int2[], %(lowest)s::int4[]) AS s (days, lowest)
LEFT JOIN wallet_days d
    ON d.wallet_id = %(wallet_id)s AND d.day >= s.lowest AND d.day <= %(today)s
GROUP BY s.days
ON CONFLICT (wallet_id, days) DO UPDATE SET to_day = excluded.to_day,
    turns = w.turns + excluded.turns, {_NEW}
"""  # noqa: S608 - names of our own columns
# By wallet_windows_behind.
BEHIND: Final = """
SELECT a.address FROM wallet_windows w
JOIN tracked_wallets t USING (wallet_id) JOIN wallets a USING (wallet_id)
WHERE w.days = 0 AND w.to_day < %s ORDER BY w.to_day, w.wallet_id LIMIT %s
"""

_TURNS: Final = """
coalesce((SELECT turns FROM wallet_windows WHERE wallet_id = %(wallet_id)s AND days = 0), 0)
"""
LOCK: Final = """
SELECT t.wallet_id FROM tracked_wallets t JOIN wallets w USING (wallet_id)
WHERE w.address = %s FOR UPDATE OF t
"""
# By the primary key, and the days' own.
FIND_SPAN: Final = f"""
SELECT w.turns, s.span_id, s.turns FROM (SELECT {_TURNS} AS turns) AS w
LEFT JOIN token_spans s ON s.wallet_id = %(wallet_id)s AND s.first_day = %(first)s
    AND s.last_day = %(last)s AND s.turns = coalesce(%(turns)s, w.turns) AND s.expires_at > %(at)s
"""  # noqa: S608 - a part of our own
# One that is there keeps its rows, and longer.
OPEN_SPAN: Final = f"""
INSERT INTO token_spans (wallet_id, first_day, last_day, turns, computed_at, expires_at)
SELECT %(wallet_id)s, %(first)s, %(last)s, {_TURNS}, %(at)s, %(expires_at)s
ON CONFLICT (wallet_id, first_day, last_day, turns) DO UPDATE SET expires_at = excluded.expires_at
RETURNING span_id, xmax <> 0
"""
# By position_days_day.
SUM_SPAN: Final = f"""
INSERT INTO token_span_rows
    (span_id, mint_id, first_slot, last_slot, first_at, last_at, {_NAMES}, roi)
SELECT %(span_id)s, f.*, {_ROI} FROM (
    SELECT d.mint_id, {_REACH}, {_SUMS} FROM position_days d
    WHERE d.wallet_id = %(wallet_id)s AND d.day BETWEEN %(first)s AND %(last)s
        AND d.mint_id <> ALL({_HIDDEN})
    GROUP BY d.mint_id
) AS f
ON CONFLICT (span_id, mint_id) DO NOTHING
"""  # noqa: S608 - names of our own columns
# By token_spans_expiring; their rows go with them.
DROP_EXPIRED: Final = """
DELETE FROM token_spans WHERE span_id IN (
    SELECT span_id FROM token_spans WHERE expires_at <= %s ORDER BY expires_at LIMIT %s
)
"""

_VALUES: Final = {
    TokenSort.LAST_TRADE: SQL("last_slot"),
    TokenSort.REALIZED: SQL("realized_usd"),
    TokenSort.ROI: SQL("roi"),
    TokenSort.VOLUME: SQL("volume_usd"),
}
_COLUMNS: Final = SQL("t.mint_id, t.first_slot, t.last_slot, t.first_at, t.last_at, ") + SQL(
    ", "
).join(SQL(f"t.{name}") for name in FIGURES)
# The order's own index from the cursor on: first what has a value, then what has none.
_PAGE: Final = SQL("""
WITH page AS (
    (SELECT {columns}, t.{value} AS value FROM {table} t
     WHERE {key} AND NOT %(in_nulls)s AND t.{value} IS NOT NULL
        AND (%(value)s::{type} IS NULL
            OR (t.{value}, t.mint_id) {beyond} (%(value)s::{type}, %(mint_id)s::int4))
     ORDER BY t.{value} {order}, t.mint_id {order} LIMIT %(limit)s + 1)
    UNION ALL
    (SELECT {columns}, t.{value} FROM {table} t
     WHERE {key} AND t.{value} IS NULL
        AND (NOT %(in_nulls)s OR t.mint_id {beyond} %(mint_id)s::int4)
     ORDER BY t.mint_id {order} LIMIT %(limit)s + 1)
)
SELECT p.*, m.address, m.decimals, m.symbol, h.figures->>'held_raw'
FROM (SELECT * FROM page ORDER BY value {order} NULLS LAST, mint_id {order} LIMIT %(limit)s + 1) p
CROSS JOIN LATERAL (SELECT * FROM mints WHERE mint_id = p.mint_id OFFSET 0) m
LEFT JOIN positions h ON h.wallet_id = %(wallet_id)s AND h.mint_id = p.mint_id
ORDER BY p.value {order} NULLS LAST, p.mint_id {order}
""")
# All columns null where the wallet has no windows; those of tokens where the page is empty.
_OF_WINDOW: Final = SQL("""
SELECT w.to_day, w.turns, p.* FROM wallet_windows w LEFT JOIN ({page}) AS p ON true
WHERE w.wallet_id = %(wallet_id)s AND w.days = %(days)s
""")


def window_page(wanted: TokenOrder) -> Composed:
    """The statement that reads a page of a window: to_day and turns, then a token's columns.

    No row where nothing of the wallet was valued; one without a token where the page is empty.
    """
    key = SQL("t.wallet_id = %(wallet_id)s AND t.days = %(days)s")
    return _OF_WINDOW.format(page=_page(wanted, "token_windows", key))


def span_page(wanted: TokenOrder) -> Composed:
    """The statement that reads a page of days that were summed apart: a token's columns."""
    return _page(wanted, "token_span_rows", SQL("t.span_id = %(span_id)s"))


def _page(wanted: TokenOrder, table: LiteralString, key: SQL) -> Composed:
    is_down = wanted.order is SortOrder.DESC
    return _PAGE.format(
        columns=_COLUMNS,
        value=_VALUES[wanted.sort],
        table=SQL(table),
        type=SQL("int4" if wanted.sort is TokenSort.LAST_TRADE else "numeric"),
        key=key,
        beyond=SQL("<" if is_down else ">"),
        order=SQL("DESC" if is_down else "ASC"),
    )
