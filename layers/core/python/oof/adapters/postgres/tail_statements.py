"""The SQL of tail repair, each statement named, with the index it relies on."""

# By the primary key of tracked_wallets joined in the order of wallets_address_key, then by
# token_accounts_owner_id_mint_id_address_key and the keys of holdings and listed addresses: an
# owner's lamports are the account of its own address. The rivals of a balance are read only where
# it rests on a guess. A wallet polled because it moves too much is not looked at between.
DUE = """
SELECT w.address, extract(epoch FROM t.tail_checked_at)::int8,
    extract(epoch FROM t.listed_at)::int8,
    extract(epoch FROM greatest(t.tokens_checked_at, t.listed_at))::int8,
    EXISTS (SELECT FROM unavailable_bodies u WHERE u.wallet_id = t.wallet_id),
    CASE WHEN t.listed_at >= t.evidence_due_at THEN t.evidence END,
    CASE WHEN t.listed_at >= t.token_evidence_due_at THEN t.token_evidence END,
    t.live_since IS NOT NULL,
    held.post_raw::text, CASE WHEN held.order_unresolved THEN held.rivals END, held.is_covered,
    held.account_id IS NULL AND NOT EXISTS (
        SELECT FROM holdings h WHERE h.wallet_id = t.wallet_id AND h.post_raw > 0)
FROM tracked_wallets t JOIN wallets w USING (wallet_id)
LEFT JOIN LATERAL (
    SELECT h.account_id, h.post_raw, h.order_unresolved, h.rivals,
        (h.slot >= t.floor_slot OR l.is_ended) IS TRUE AS is_covered
    FROM token_accounts a JOIN holdings h ON h.wallet_id = t.wallet_id
        AND h.account_id = a.account_id
    LEFT JOIN listed_addresses l ON l.wallet_id = t.wallet_id AND l.address = a.address
    WHERE a.owner_id = t.wallet_id AND a.address = w.address
    ORDER BY h.slot DESC LIMIT 1
) held ON true
WHERE t.state = ANY(%(states)s) AND t.blocked_code IS NULL AND t.poll_every_s IS NULL
    AND coalesce(t.tail_checked_at, '-infinity') <= to_timestamp(%(checked_before)s)
    AND (%(after)s::bytea IS NULL OR w.address > %(after)s)
    AND NOT EXISTS (SELECT FROM pending p WHERE p.wallet_id = t.wallet_id)
ORDER BY w.address LIMIT %(limit)s
"""

# By wallets_address_key and the keys of holdings, accounts and listed addresses.
HELD_TOKENS = """
SELECT w.address, a.address, h.post_raw::text, CASE WHEN h.order_unresolved THEN h.rivals END
FROM wallets w JOIN tracked_wallets t USING (wallet_id)
JOIN holdings h USING (wallet_id) JOIN token_accounts a USING (account_id)
LEFT JOIN listed_addresses l ON l.wallet_id = t.wallet_id AND l.address = a.address
WHERE w.address = ANY(%s) AND a.address <> w.address AND h.post_raw > 0
    AND (h.slot >= t.floor_slot OR l.is_ended)
ORDER BY w.address, a.address
"""

CONFIRM = """
WITH looked AS (
    SELECT t.wallet_id, i.has_tokens,
        coalesce(t.read_at >= to_timestamp(%(read_since)s), false)
            OR coalesce(t.tail_shown_at <= to_timestamp(%(shown_before)s), true) AS is_shown
    FROM unnest(%(addresses)s::bytea[], %(tokens)s::bool[]) AS i (address, has_tokens)
    JOIN wallets w ON w.address = i.address JOIN tracked_wallets t USING (wallet_id)
    ORDER BY t.wallet_id FOR UPDATE OF t
)
UPDATE tracked_wallets t SET tail_checked_at = to_timestamp(%(at)s),
    tokens_checked_at = CASE WHEN has_tokens THEN to_timestamp(%(at)s) ELSE tokens_checked_at END,
    revision = CASE WHEN is_shown THEN revision + 1 ELSE revision END,
    changed_at = CASE WHEN is_shown THEN to_timestamp(%(at)s) ELSE changed_at END,
    tail_shown_at = CASE WHEN is_shown THEN to_timestamp(%(at)s) ELSE tail_shown_at END
FROM looked WHERE t.wallet_id = looked.wallet_id
"""

NOTE_EVIDENCE = """
WITH noted AS (
    SELECT t.wallet_id, i.lamports, i.tokens
    FROM unnest(%(addresses)s::bytea[], %(lamports)s::text[], %(tokens)s::text[])
        AS i (address, lamports, tokens)
    JOIN wallets w ON w.address = i.address JOIN tracked_wallets t USING (wallet_id)
    WHERE (i.lamports IS NOT NULL AND t.evidence IS DISTINCT FROM i.lamports)
        OR (i.tokens IS NOT NULL AND t.token_evidence IS DISTINCT FROM i.tokens)
    ORDER BY t.wallet_id FOR UPDATE OF t
)
UPDATE tracked_wallets t SET evidence = coalesce(lamports, evidence),
    evidence_due_at = CASE WHEN lamports <> evidence OR (evidence IS NULL AND lamports IS NOT NULL)
        THEN to_timestamp(%(due_at)s) ELSE evidence_due_at END,
    token_evidence = coalesce(tokens, token_evidence),
    token_evidence_due_at = CASE
        WHEN tokens <> token_evidence OR (token_evidence IS NULL AND tokens IS NOT NULL)
        THEN to_timestamp(%(due_at)s) ELSE token_evidence_due_at END
FROM noted WHERE t.wallet_id = noted.wallet_id
"""

NOTE_READS = """
WITH told AS (
    SELECT t.wallet_id, to_timestamp(i.read_at) AS read_at
    FROM unnest(%(addresses)s::bytea[], %(times)s::int8[]) AS i (address, read_at)
    JOIN wallets w ON w.address = i.address JOIN tracked_wallets t USING (wallet_id)
    WHERE coalesce(t.read_at, '-infinity') < to_timestamp(i.read_at)
    ORDER BY t.wallet_id FOR UPDATE OF t
)
UPDATE tracked_wallets t SET read_at = told.read_at FROM told WHERE t.wallet_id = told.wallet_id
"""

WANT = """
INSERT INTO wanted_listings AS q (wallet_id, reason, wanted_at)
SELECT t.wallet_id, i.reason, to_timestamp(%(at)s)
FROM unnest(%(addresses)s::bytea[], %(reasons)s::int2[]) AS i (address, reason)
JOIN wallets w ON w.address = i.address JOIN tracked_wallets t USING (wallet_id)
ORDER BY t.wallet_id
ON CONFLICT (wallet_id) DO UPDATE SET reason = excluded.reason WHERE q.reason > excluded.reason
"""

FORGET_LISTED = """
DELETE FROM wanted_listings q USING tracked_wallets t
WHERE t.wallet_id = q.wallet_id AND (
    t.listed_at >= coalesce(q.started_at, q.wanted_at) OR NOT t.state = ANY(%s)
    OR t.blocked_code IS NOT NULL
)
"""

# Two repairs at once claim one after the other, or both would fill the same room.
LOCK_QUEUE = "LOCK TABLE wanted_listings IN SHARE ROW EXCLUSIVE MODE"

_RUNS = """
q.started_at > to_timestamp(%(given_up_before)s) AND (
    t.last_error_at >= q.started_at
    AND coalesce(t.last_error_retry_at, t.last_error_at) <= to_timestamp(%(at)s)
) IS NOT TRUE
"""
COUNTS = f"""
SELECT count(*) FILTER (WHERE {_RUNS}), count(*)
FROM wanted_listings q JOIN tracked_wallets t USING (wallet_id)
"""  # noqa: S608 - no outside text

CLAIM = f"""
WITH next AS (
    SELECT q.wallet_id FROM wanted_listings q JOIN tracked_wallets t USING (wallet_id)
    WHERE ({_RUNS}) IS NOT TRUE AND NOT q.reason = ANY(%(deferred)s::int2[])
    ORDER BY q.reason, t.read_at DESC NULLS LAST, q.wanted_at, q.wallet_id LIMIT %(room)s
)
UPDATE wanted_listings q SET started_at = to_timestamp(%(at)s), tick = %(tick)s
FROM next WHERE q.wallet_id = next.wallet_id
"""  # noqa: S608 - no outside text

CLAIMED = f"""
SELECT w.address
FROM wanted_listings q JOIN tracked_wallets t USING (wallet_id) JOIN wallets w USING (wallet_id)
WHERE q.tick = %(tick)s AND {_RUNS}
ORDER BY q.reason, t.read_at DESC NULLS LAST, q.wanted_at, q.wallet_id
"""  # noqa: S608 - no outside text

LAG = """
SELECT count(*), extract(epoch FROM min(coalesce(tail_checked_at, tracked_at)))::int8
FROM tracked_wallets
WHERE state = ANY(%s) AND blocked_code IS NULL AND poll_every_s IS NULL
"""

LAST_HEARD = """
SELECT extract(epoch FROM last_at)::int8 FROM deliveries
WHERE source = 'webhook' AND last_at > '-infinity'
"""

BEGIN_OUTAGE = """
INSERT INTO outages (began_at, reported)
SELECT to_timestamp(%(began_at)s), false
WHERE NOT EXISTS (SELECT FROM outages WHERE ended_at IS NULL) ON CONFLICT DO NOTHING
"""

END_OUTAGE = """
UPDATE outages SET ended_at = to_timestamp(%(ended_at)s) WHERE ended_at IS NULL
"""

NOTE_OUTAGE = """
INSERT INTO outages (began_at, ended_at, reported)
VALUES (to_timestamp(%(began_at)s), to_timestamp(%(ended_at)s), %(reported)s)
ON CONFLICT (began_at) DO UPDATE SET
    ended_at = excluded.ended_at, reported = outages.reported OR excluded.reported
"""

OUTAGE_BEGAN = "SELECT extract(epoch FROM began_at)::int8 FROM outages WHERE ended_at IS NULL"

OUTAGE_ENDED = "SELECT extract(epoch FROM max(ended_at))::int8 FROM outages"
