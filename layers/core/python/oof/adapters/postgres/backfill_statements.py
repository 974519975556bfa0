"""The SQL of runs' memory, each statement named, with the index it relies on."""

# By wallets_address_key, then the keys of the wallet's own tables.
LOCK = """
SELECT t.wallet_id, t.state, t.blocked_code, t.last_error_code FROM tracked_wallets t
JOIN wallets w USING (wallet_id) WHERE w.address = %s FOR UPDATE OF t
"""

KNOWN = """
SELECT t.wallet_id, t.state, t.blocked_code, t.top_slot, t.coverage_oldest_time,
    t.coverage_newest_time, t.coverage_complete, extract(epoch FROM t.tail_checked_at)::int8,
    t.hooked_at IS NOT NULL AND t.live_since IS NULL
FROM tracked_wallets t JOIN wallets w USING (wallet_id) WHERE w.address = %s
"""

TRACK = """
INSERT INTO tracked_wallets AS t (wallet_id, state, tracked_at, changed_at)
VALUES (%(wallet_id)s, %(state)s, to_timestamp(%(at)s), to_timestamp(%(at)s))
ON CONFLICT (wallet_id) DO NOTHING
"""

MOVE = """
UPDATE tracked_wallets SET state = %(state)s, revision = revision + 1,
    changed_at = to_timestamp(%(at)s),
    tracked_at = CASE WHEN %(reopened)s THEN to_timestamp(%(at)s) ELSE tracked_at END,
    last_error_code = CASE WHEN %(clears)s THEN NULL ELSE last_error_code END,
    last_error_at = CASE WHEN %(clears)s THEN NULL ELSE last_error_at END,
    last_error_retry_at = CASE WHEN %(clears)s THEN NULL ELSE last_error_retry_at END,
    hooked_at = CASE WHEN %(left)s THEN NULL ELSE hooked_at END,
    live_since = CASE WHEN %(left)s THEN NULL ELSE live_since END
WHERE wallet_id = %(wallet_id)s
"""

ADDRESSES = """
SELECT address, floor_slot, floor_time, before_signature, is_ended FROM listed_addresses
WHERE wallet_id = %s ORDER BY address
"""

# By token_accounts_owner_id_mint_id_address_key; an owner's lamports are no token account.
ACCOUNTS = """
SELECT DISTINCT a.address FROM token_accounts a JOIN wallets w ON w.wallet_id = a.owner_id
WHERE a.owner_id = %s AND a.address <> w.address ORDER BY a.address
"""

# By transactions_signature.
FORGET_AVAILABLE = """
DELETE FROM unavailable_bodies u WHERE u.wallet_id = %s AND EXISTS (
    SELECT FROM transactions t WHERE substring(t.signature, 1, 16) = substring(u.signature, 1, 16)
    AND t.signature = u.signature AND NOT t.revoked
)
"""

UNAVAILABLE = "SELECT signature FROM unavailable_bodies WHERE wallet_id = %s ORDER BY signature"

GIVE_UP = """
INSERT INTO unavailable_bodies (wallet_id, signature, given_up_at)
SELECT %(wallet_id)s, signature, to_timestamp(%(at)s)
FROM unnest(%(signatures)s::bytea[]) AS t (signature) ORDER BY signature
ON CONFLICT DO NOTHING
"""

PUT_ADDRESSES = """
INSERT INTO listed_addresses AS l
    (wallet_id, address, floor_slot, floor_time, before_signature, is_ended)
SELECT %(wallet_id)s, * FROM unnest(%(addresses)s::bytea[], %(floors)s::int4[], %(times)s::int8[],
    %(befores)s::bytea[], %(ends)s::bool[]) AS t (address, floor, time, before, ended)
ORDER BY address
ON CONFLICT (wallet_id, address) DO UPDATE SET floor_slot = excluded.floor_slot,
    floor_time = excluded.floor_time, before_signature = excluded.before_signature,
    is_ended = excluded.is_ended
"""

COVER = """
UPDATE tracked_wallets SET revision = revision + 1, changed_at = to_timestamp(%(at)s),
    coverage_addresses = %(addresses)s, coverage_complete = %(is_complete)s,
    coverage_oldest_time = %(oldest_time)s, coverage_stopped_by = %(stopped_by)s,
    floor_slot = %(floor_slot)s,
    coverage_newest_time = CASE WHEN %(top_slot)s::int4 >= coalesce(top_slot, 0)
        THEN %(top_time)s ELSE coverage_newest_time END,
    top_slot = greatest(top_slot, %(top_slot)s::int4),
    tail_checked_at = CASE WHEN %(tail_checked)s THEN to_timestamp(%(at)s) ELSE tail_checked_at END,
    listed_at = CASE WHEN %(tail_checked)s THEN to_timestamp(%(at)s) ELSE listed_at END,
    live_since = CASE WHEN %(tail_checked)s AND hooked_at <= to_timestamp(%(began_at)s)
        THEN coalesce(live_since, to_timestamp(%(at)s)) ELSE live_since END,
    poll_due_at = CASE WHEN %(tail_checked)s AND poll_every_s IS NOT NULL
        THEN to_timestamp(%(at)s) + poll_every_s * interval '1 second' ELSE poll_due_at END
WHERE wallet_id = %(wallet_id)s
"""

FAIL = """
UPDATE tracked_wallets SET revision = revision + 1, changed_at = to_timestamp(%(at)s),
    last_error_code = %(code)s, last_error_at = to_timestamp(%(at)s),
    last_error_retry_at = to_timestamp(%(retry_at)s)
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %(address)s)
"""

HAS_PENDING = """
SELECT EXISTS (
    SELECT FROM pending p JOIN wallets w USING (wallet_id) WHERE w.address = %s
)
"""

# By transactions_signature. A complete body that was unreadable would be so again.
STORED = """
SELECT i.signature FROM unnest(%(signatures)s::bytea[]) AS i (signature)
WHERE EXISTS (
    SELECT FROM transactions t WHERE substring(t.signature, 1, 16) = substring(i.signature, 1, 16)
    AND t.signature = i.signature AND NOT t.revoked
)
"""

UNREADABLE = """
SELECT signature FROM unreadable
WHERE signature = ANY(%(signatures)s) AND source IN ('backfill', 'tail', 'fetch')
"""

# A lease that ended is taken over; sorted, so that two runs wait for each other in one order.
LEASE = """
INSERT INTO leases AS l (signature, run_id, ends_at)
SELECT signature, %(run_id)s, to_timestamp(%(until)s)
FROM unnest(%(signatures)s::bytea[]) AS t (signature) ORDER BY signature
ON CONFLICT (signature) DO UPDATE SET run_id = excluded.run_id, ends_at = excluded.ends_at
WHERE l.run_id = excluded.run_id OR l.ends_at <= to_timestamp(%(at)s)
RETURNING l.signature
"""

RELEASE_STORED = "DELETE FROM leases WHERE run_id = %(run_id)s AND signature = ANY(%(signatures)s)"

# What was notified is leased by nobody who would give it back.
FORGET_LEASES = "DELETE FROM leases WHERE ends_at <= to_timestamp(%s) - interval '1 hour'"

RELEASE = "DELETE FROM leases WHERE run_id = %s"

UNREAD = """
SELECT w.address FROM tracked_wallets t JOIN wallets w USING (wallet_id)
WHERE t.state = ANY(%(states)s) AND t.blocked_code IS NULL
    AND greatest(t.tracked_at, t.read_at) <= to_timestamp(%(before)s)
ORDER BY t.wallet_id LIMIT %(limit)s
"""

NOTE_READ = """
UPDATE tracked_wallets SET read_at = to_timestamp(%(at)s)
WHERE wallet_id = (SELECT wallet_id FROM wallets WHERE address = %(address)s)
"""

RECORD_RUN = """
INSERT INTO runs (run_id, wallet_id, mode, outcome, pages, calls, credits, repeats, ended_at)
SELECT %(run_id)s, wallet_id, %(mode)s, %(outcome)s, %(pages)s, %(calls)s, %(credits)s,
    %(repeats)s, to_timestamp(%(at)s)
FROM tracked_wallets JOIN wallets USING (wallet_id) WHERE address = %(address)s
ON CONFLICT DO NOTHING
"""
