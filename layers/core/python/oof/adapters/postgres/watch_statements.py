"""The SQL of watching wallets, each statement named, with the index it relies on."""

REGISTRY = """
SELECT extract(epoch FROM looked_at)::int8, auth_digest, is_rotating FROM webhook_registry
"""

PUTS = """
SELECT shard, hook_id, digest, auth_digest, addresses, extract(epoch FROM put_at)::int8
FROM webhook_shards ORDER BY shard
"""

# By wallets_address_key, then the key of wallet_hours.
WATCHED = """
SELECT w.address, t.state = ANY(%(states)s), t.poll_every_s,
    extract(epoch FROM t.governed_at)::int8, t.webhook_shard, t.hooked_at IS NOT NULL,
    coalesce(moved.last_hour, 0), coalesce(moved.last_day, 0)
FROM tracked_wallets t JOIN wallets w USING (wallet_id)
LEFT JOIN LATERAL (
    SELECT max(h.tx_count) FILTER (WHERE h.hour >= %(hour)s - 3600) AS last_hour,
        sum(h.tx_count)::int8 AS last_day
    FROM wallet_hours h WHERE h.wallet_id = t.wallet_id AND h.hour >= %(hour)s - 86400
) moved ON true
WHERE (t.state = ANY(%(states)s) OR t.webhook_shard IS NOT NULL)
    AND (%(after)s::bytea IS NULL OR w.address > %(after)s)
ORDER BY w.address LIMIT %(limit)s
"""

GOVERN = """
WITH governed AS (
    SELECT t.wallet_id, i.every, i.since,
        (t.poll_every_s IS NULL) <> (i.every IS NULL) AS has_turned
    FROM unnest(%(addresses)s::bytea[], %(every)s::int4[], %(since)s::int8[])
        AS i (address, every, since)
    JOIN wallets w ON w.address = i.address JOIN tracked_wallets t USING (wallet_id)
    ORDER BY t.wallet_id FOR UPDATE OF t
)
UPDATE tracked_wallets t SET poll_every_s = every, governed_at = to_timestamp(since),
    poll_due_at = CASE WHEN every IS NULL THEN NULL WHEN has_turned THEN to_timestamp(%(at)s)
        ELSE poll_due_at END,
    webhook_shard = CASE WHEN every IS NULL THEN webhook_shard END,
    webhook_since = CASE WHEN every IS NULL THEN webhook_since END,
    hooked_at = CASE WHEN every IS NULL THEN hooked_at END,
    live_since = CASE WHEN every IS NULL THEN live_since END,
    revision = CASE WHEN has_turned THEN revision + 1 ELSE revision END,
    changed_at = CASE WHEN has_turned THEN to_timestamp(%(at)s) ELSE changed_at END
FROM governed WHERE t.wallet_id = governed.wallet_id
"""

ASSIGN = """
WITH assigned AS (
    SELECT t.wallet_id, i.shard FROM unnest(%(addresses)s::bytea[], %(shards)s::int2[])
        AS i (address, shard)
    JOIN wallets w ON w.address = i.address JOIN tracked_wallets t USING (wallet_id)
    ORDER BY t.wallet_id FOR UPDATE OF t
)
UPDATE tracked_wallets t SET webhook_shard = shard,
    webhook_since = CASE WHEN shard IS NULL THEN NULL ELSE to_timestamp(%(at)s) END,
    revision = CASE WHEN hooked_at IS NULL THEN revision ELSE revision + 1 END,
    changed_at = CASE WHEN hooked_at IS NULL THEN changed_at ELSE to_timestamp(%(at)s) END,
    hooked_at = NULL, live_since = NULL
FROM assigned WHERE t.wallet_id = assigned.wallet_id
"""

# By the keys of holdings and token accounts, then actions_tx within the slot's partition. An
# account closed long before its wallet's newest slot receives nothing any more, and balances do not
# tell an empty one from a closed one. Where all that ever moved came unasked, the account is spam:
# asked of actions_owner_mint, and only where the last movement is marked.
_OPEN = """
LEFT JOIN LATERAL (
    SELECT a.address FROM holdings h JOIN token_accounts a USING (account_id)
    WHERE h.wallet_id = t.wallet_id AND a.address <> w.address
        AND (h.post_raw > 0 OR h.slot >= t.newest_slot - %(emptied)s)
        AND NOT (
            EXISTS (
                SELECT FROM actions m WHERE m.tx_id = h.tx_id AND m.slot = h.slot
                AND m.owner_id = h.wallet_id AND m.mint_id = h.mint_id AND m.kind >= %(marked)s
            ) AND NOT EXISTS (
                SELECT FROM actions m WHERE m.owner_id = h.wallet_id AND m.mint_id = h.mint_id
                AND m.kind < %(marked)s
            )
        )
    GROUP BY a.address ORDER BY max(h.slot) DESC, a.address LIMIT %(most)s
) a ON true
"""

ADDRESSES = f"""
SELECT w.address, a.address FROM wallets w JOIN tracked_wallets t USING (wallet_id)
{_OPEN}
WHERE w.address = ANY(%(addresses)s) ORDER BY w.address, a.address
"""  # noqa: S608 - no outside text

# By tracked_wallets_shard.
MEMBERS = f"""
SELECT w.address, a.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
{_OPEN}
WHERE t.webhook_shard = %(shard)s ORDER BY t.webhook_since, w.address, a.address
"""  # noqa: S608 - no outside text

RECORD_PUT = """
INSERT INTO webhook_shards AS s (shard, hook_id, digest, auth_digest, addresses, put_at)
VALUES (%(shard)s, %(hook_id)s, %(digest)s, %(auth_digest)s, %(addresses)s,
    to_timestamp(%(put_at)s))
ON CONFLICT (shard) DO UPDATE SET hook_id = excluded.hook_id, digest = excluded.digest,
    auth_digest = excluded.auth_digest, addresses = excluded.addresses, put_at = excluded.put_at
"""

FORGET_PUTS = "DELETE FROM webhook_shards WHERE shard = ANY(%(shards)s)"

RECORD_REGISTRY = """
UPDATE webhook_registry SET looked_at = coalesce(to_timestamp(%(looked_at)s), looked_at),
    auth_digest = %(auth_digest)s, is_rotating = %(is_rotating)s
"""

# By tracked_wallets_shard.
UNNAME = """
WITH lost AS (
    SELECT wallet_id FROM tracked_wallets
    WHERE webhook_shard = ANY(%(shards)s) AND hooked_at IS NOT NULL
    ORDER BY wallet_id FOR UPDATE
)
UPDATE tracked_wallets t SET hooked_at = NULL, live_since = NULL, revision = revision + 1,
    changed_at = to_timestamp(%(at)s)
FROM lost WHERE t.wallet_id = lost.wallet_id
"""

NAME = """
WITH named AS (
    SELECT t.wallet_id, w.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
    WHERE t.webhook_shard = ANY(%(shards)s) AND t.hooked_at IS NULL
    ORDER BY t.wallet_id FOR UPDATE OF t
)
UPDATE tracked_wallets t SET hooked_at = to_timestamp(%(at)s), live_since = NULL,
    revision = revision + 1, changed_at = to_timestamp(%(at)s)
FROM named WHERE t.wallet_id = named.wallet_id RETURNING named.address
"""

UNLISTED = """
SELECT w.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
WHERE t.hooked_at IS NOT NULL AND t.live_since IS NULL AND t.state = ANY(%(states)s)
ORDER BY t.hooked_at, w.address LIMIT %(limit)s
"""

DUE_POLLS = """
SELECT w.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
WHERE t.poll_every_s IS NOT NULL AND t.poll_due_at <= to_timestamp(%(at)s)
    AND t.state = ANY(%(states)s)
ORDER BY t.poll_due_at, w.address LIMIT %(limit)s
"""

COUNTS = """
SELECT count(*) FILTER (WHERE hooked_at IS NOT NULL),
    count(*) FILTER (WHERE live_since IS NOT NULL),
    count(*) FILTER (WHERE poll_every_s IS NOT NULL), count(*)
FROM tracked_wallets WHERE state = ANY(%(states)s)
"""
