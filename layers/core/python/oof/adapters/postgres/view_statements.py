"""What is asked of Postgres to make views, and to keep them."""

from typing import Final

# By primary keys; whose order is still asked for are few.
MEMBERS: Final = """
SELECT w.address, w.wallet_id, t.state, t.blocked_code, t.newest_slot, coalesce(p.events, 0),
    NOT t.coverage_complete, t.soft_count > 0,
    EXISTS (
        SELECT FROM unordered_transactions u
        JOIN participants r ON r.wallet_id = w.wallet_id AND r.slot = u.slot AND r.tx_id = u.tx_id
        WHERE u.due_at IS NOT NULL
    )
FROM wallets w JOIN tracked_wallets t USING (wallet_id)
LEFT JOIN position_heads p USING (wallet_id)
WHERE w.address = ANY(%s)
"""

# Each member's by participants_wallet from the slot on, as many as a page needs; ledger_transaction
# tells what is live.
HISTORY: Final = """
WITH walked AS (
    SELECT DISTINCT found.slot, found.tx_id
    FROM unnest(%(wallets)s::int4[]) AS k (wallet_id) CROSS JOIN LATERAL (
        SELECT p.slot, p.tx_id FROM participants p
        WHERE p.wallet_id = k.wallet_id AND p.slot > %(after)s AND (
            SELECT op FROM ledger WHERE wallet_id = k.wallet_id AND tx_id = p.tx_id
            ORDER BY seq DESC LIMIT 1
        ) <> 2
        ORDER BY p.slot FETCH FIRST %(limit)s ROWS WITH TIES
    ) AS found
), page AS (
    SELECT slot, tx_id FROM walked ORDER BY slot FETCH FIRST %(limit)s ROWS WITH TIES
)
SELECT t.tx_id, t.slot, t.tx_index, t.signature, t.block_time
FROM page JOIN transactions t USING (tx_id)
"""
# By actions_tx, each within the partition of its slot; counterparties by primary key.
MOVEMENTS: Final = """
SELECT a.tx_id, a.owner_id, c.address, m.address, a.kind, a.delta_raw
FROM unnest(%(tx_ids)s::int8[], %(slots)s::int4[]) AS i (tx_id, slot)
JOIN actions a ON a.slot = i.slot AND a.tx_id = i.tx_id JOIN mints m USING (mint_id)
LEFT JOIN wallets c ON c.wallet_id = a.counterparty_id
WHERE a.slot BETWEEN %(lowest)s AND %(highest)s AND a.owner_id = ANY(%(wallets)s)
"""
TRADES: Final = """
SELECT r.tx_id, r.trader_id, s.address, r.sold_raw, b.address, r.bought_raw
FROM trades r JOIN mints s ON s.mint_id = r.sold_mint_id
JOIN mints b ON b.mint_id = r.bought_mint_id
WHERE r.tx_id = ANY(%(tx_ids)s) AND r.trader_id = ANY(%(wallets)s) ORDER BY r.tx_id, r.leg
"""
MARKS: Final = """
SELECT b.tx_id, b.account_id, m.address, b.pre_raw, b.post_raw
FROM balances b JOIN token_accounts a USING (account_id) JOIN mints m USING (mint_id)
WHERE b.tx_id = ANY(%(tx_ids)s) AND a.owner_id = ANY(%(wallets)s) ORDER BY b.tx_id, b.account_id
"""
HOLDINGS: Final = """
SELECT m.address, sum(h.post_raw) FROM holdings h JOIN mints m USING (mint_id)
WHERE h.wallet_id = ANY(%s) GROUP BY m.address
"""

KNOWN: Final = """
UPDATE position_views SET expires_at = %s WHERE view_id = %s AND digest = %s RETURNING view_id
"""
# The positions go with it.
DROP: Final = """
DELETE FROM position_views WHERE view_id = %s
"""
KEEP: Final = """
INSERT INTO position_views (view_id, owner, digest, computed_at, expires_at, document)
VALUES (%s, %s, %s, %s, %s, %s)
"""
KEEP_POSITIONS: Final = """
INSERT INTO view_positions
    (view_id, mint_id, last_slot, is_open, last_at, realized_lamports, on_chain_raw, figures,
     dollars)
SELECT %(view_id)s, m.mint_id, i.last_slot, i.is_open, i.last_at, i.realized, i.on_chain, i.figures,
    i.dollars
FROM unnest(%(mint)s::bytea[], %(last_slot)s::int4[], %(is_open)s::boolean[], %(last_at)s::int8[],
            %(realized)s::numeric[], %(on_chain)s::numeric[], %(figures)s::jsonb[],
            %(dollars)s::jsonb[])
     AS i (mint, last_slot, is_open, last_at, realized, on_chain, figures, dollars)
JOIN mints m ON m.address = i.mint
"""

VIEW: Final = """
SELECT digest, computed_at, expires_at, document FROM position_views
WHERE view_id = %s AND owner = %s AND expires_at > %s
"""
# view_positions_realized, backwards from the cursor.
PAGE: Final = """
SELECT p.mint_id, m.address, m.decimals, p.is_open, p.last_slot, p.last_at, p.realized_lamports,
    p.on_chain_raw, p.figures, p.dollars, m.symbol
FROM view_positions p JOIN mints m USING (mint_id)
WHERE p.view_id = %(view_id)s AND (
    %(realized)s::numeric IS NULL OR (p.realized_lamports, p.mint_id) < (%(realized)s, %(mint_id)s)
)
ORDER BY p.realized_lamports DESC, p.mint_id DESC LIMIT %(limit)s + 1
"""
# By position_views_expiring.
DROP_EXPIRED: Final = """
DELETE FROM position_views WHERE view_id IN (
    SELECT view_id FROM position_views WHERE expires_at <= %s ORDER BY expires_at LIMIT %s
)
"""
