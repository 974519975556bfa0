-- Positions: what each wallet's ledger comes to, by mint. A second stage behind the ledger: the
-- mark in position_heads is written with the ledger, and cleared with what is folded from it.

CREATE TABLE position_heads (
    wallet_id           int4 PRIMARY KEY REFERENCES tracked_wallets,
    stale_from          int4,
    stale_since         timestamptz,
    is_due              boolean NOT NULL DEFAULT false,
    head_slot           int4,
    events              int8 NOT NULL DEFAULT 0,
    other_fees_lamports numeric NOT NULL DEFAULT 0,
    checkpoints         jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON COLUMN position_heads.stale_from IS
    'The lowest slot in which the ledger changed since positions were folded; null where none did.';
COMMENT ON COLUMN position_heads.is_due IS
    'Somebody waits for the fold (a chunk of a backfill ended), whatever it costs.';
COMMENT ON COLUMN position_heads.checkpoints IS
    'Newest first, of each: slot, events up to there, fees of no position up to there.';
CREATE INDEX position_heads_stale ON position_heads (stale_since) WHERE stale_since IS NOT NULL;

CREATE TABLE positions (
    wallet_id         int4 NOT NULL,
    mint_id           int4 NOT NULL,
    last_slot         int4 NOT NULL,
    is_open           boolean NOT NULL,
    last_at           int8,
    realized_lamports numeric NOT NULL,
    state             bytea NOT NULL,
    figures           jsonb NOT NULL,
    PRIMARY KEY (wallet_id, mint_id)
);
COMMENT ON COLUMN positions.state IS 'MessagePack: open lots, lots set aside, the open episode.';
COMMENT ON COLUMN positions.figures IS
    'Sums over the position''s events and its open lots, as text: base units and lamports.';
-- The two orders of the list besides the mint's own.
CREATE INDEX positions_recent ON positions (wallet_id, last_slot, mint_id);
CREATE INDEX positions_realized ON positions (wallet_id, realized_lamports, mint_id);

CREATE TABLE position_exits (
    tx_id     int8 NOT NULL,
    wallet_id int4 NOT NULL,
    mint_id   int4 NOT NULL,
    slot      int4 NOT NULL,
    place     int2 NOT NULL,
    document  jsonb NOT NULL,
    PRIMARY KEY (wallet_id, mint_id, slot, tx_id, place)
);
COMMENT ON TABLE position_exits IS
    'Each sale with the lots it took and what it came to; place tells several of one transaction '
    'apart. None of SOL, which is what worth is told in.';
-- What a fold from an earlier slot on deletes.
CREATE INDEX position_exits_slot ON position_exits (wallet_id, slot);

CREATE TABLE position_episodes (
    wallet_id   int4 NOT NULL,
    mint_id     int4 NOT NULL,
    number      int4 NOT NULL,
    opened_slot int4 NOT NULL,
    closed_slot int4 NOT NULL,
    opened_at   int8,
    closed_at   int8,
    PRIMARY KEY (wallet_id, mint_id, number)
);
COMMENT ON TABLE position_episodes IS 'From holding nothing to holding nothing again.';

CREATE TABLE position_accounts (
    account_id int8 NOT NULL,
    wallet_id  int4 NOT NULL,
    slot       int4 NOT NULL,
    PRIMARY KEY (wallet_id, account_id)
);
COMMENT ON TABLE position_accounts IS
    'Where the fold met each account first: what it held before then is a lot of unknown basis.';

CREATE TABLE position_checkpoints (
    wallet_id         int4 NOT NULL,
    slot              int4 NOT NULL,
    mint_id           int4 NOT NULL,
    last_slot         int4 NOT NULL,
    is_open           boolean NOT NULL,
    last_at           int8,
    realized_lamports numeric NOT NULL,
    state             bytea NOT NULL,
    figures           jsonb NOT NULL,
    PRIMARY KEY (wallet_id, slot, mint_id)
);
COMMENT ON TABLE position_checkpoints IS 'positions as they were after a slot; the newest few.';

-- What was applied so far is folded once.
INSERT INTO position_heads (wallet_id, stale_from, stale_since)
SELECT wallet_id, 0, now() FROM tracked_wallets WHERE applied_seq > 0;
