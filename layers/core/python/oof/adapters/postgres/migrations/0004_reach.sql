-- How far down a wallet is covered without a gap, and which movement of its balances a listing has
-- already looked into.

ALTER TABLE tracked_wallets
    ADD COLUMN floor_slot      int4,
    ADD COLUMN evidence        text,
    ADD COLUMN evidence_due_at timestamptz;
COMMENT ON COLUMN tracked_wallets.floor_slot IS
    'All transactions of all listed addresses are stored from here up to top_slot; null while '
    'nothing is covered. What is stored below may lack what came after it.';
COMMENT ON COLUMN tracked_wallets.evidence IS
    'Digest of the balances that last differed from the known ones.';
COMMENT ON COLUMN tracked_wallets.evidence_due_at IS
    'A listing that confirmed the newest end at this time or later has answered the evidence.';

UPDATE tracked_wallets t SET floor_slot = (
    SELECT coalesce(max(l.floor_slot) FILTER (WHERE NOT l.is_ended), 0) FROM listed_addresses l
    WHERE l.wallet_id = t.wallet_id HAVING count(*) > 0
);
