-- What the provider has not reported finalized yet, and which slots' order nobody told.

ALTER TABLE packs ADD COLUMN finalized_slot int4;
COMMENT ON COLUMN packs.finalized_slot IS
    'How finality is known of what was first stored with this pack: the provider had reported this '
    'slot finalized before the bodies were asked for, so those up to it were never soft. The '
    'others, and all where it is null, were asked about one by one.';

CREATE TABLE soft_transactions (
    tx_id  int8 PRIMARY KEY,
    due_at timestamptz NOT NULL,
    absent int2 NOT NULL DEFAULT 0,
    heard  int4 NOT NULL DEFAULT 0
);
COMMENT ON TABLE soft_transactions IS
    'Stored, but not yet reported finalized. A row leaves when its transaction is final or revoked.';
COMMENT ON COLUMN soft_transactions.due_at IS 'When the provider is asked (again).';
COMMENT ON COLUMN soft_transactions.absent IS
    'Answers in a row, each beyond the life of its blockhash, in which the provider did not know it.';
COMMENT ON COLUMN soft_transactions.heard IS
    'How often a body told another slot than the stored one: an answer older than that does not '
    'revoke.';

ALTER TABLE tracked_wallets
    ADD COLUMN soft_from  int8,
    ADD COLUMN soft_count int4 NOT NULL DEFAULT 0;
COMMENT ON COLUMN tracked_wallets.soft_count IS
    'Soft transactions of the ledger, none with a lower id than soft_from. Raised as they are '
    'applied; what is no longer soft is found by settling finality, under this row''s lock.';
CREATE INDEX tracked_wallets_soft ON tracked_wallets (wallet_id) WHERE soft_count > 0;

CREATE TABLE unordered_transactions (
    slot   int4 NOT NULL,
    tx_id  int8 NOT NULL,
    tries  int2 NOT NULL DEFAULT 0,
    due_at timestamptz,
    PRIMARY KEY (slot, tx_id)
);
COMMENT ON TABLE unordered_transactions IS
    'Of transactions that share their slot within some wallet''s history, those whose place in the '
    'block is not known. A row leaves when it is told, or when its transaction is revoked.';
COMMENT ON COLUMN unordered_transactions.due_at IS
    'When the block is asked for (again); null after the last try: the order stays unknown.';
CREATE INDEX unordered_transactions_due ON unordered_transactions (slot) WHERE due_at IS NOT NULL;

-- Nobody was asked so far.
INSERT INTO soft_transactions (tx_id, due_at)
SELECT tx_id, now() FROM transactions WHERE NOT revoked;
UPDATE tracked_wallets SET soft_from = 0, soft_count = 1 WHERE applied_seq > 0;
INSERT INTO unordered_transactions (slot, tx_id, due_at)
SELECT DISTINCT slot, unnest(unplaced), now() FROM (
    SELECT t.slot, array_agg(t.tx_id) FILTER (WHERE t.tx_index IS NULL) AS unplaced
    FROM tracked_wallets JOIN participants p USING (wallet_id) JOIN transactions t USING (tx_id)
    WHERE NOT t.revoked GROUP BY p.wallet_id, t.slot HAVING count(*) > 1
) shared;
