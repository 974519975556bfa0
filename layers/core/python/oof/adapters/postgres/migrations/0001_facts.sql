-- Facts shared by all wallets, and each tracked wallet's ledger with what is folded from it.
--
-- Ids are surrogates: int4 for wallets and mints, int8 for transactions and accounts. Addresses and
-- signatures are stored once, as bytes. Amounts are numeric(_, 0): base units never meet a float.
-- Times that the chain states are unix seconds (int8); times of our own are timestamptz.

CREATE TABLE database_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch    int8 NOT NULL
);
COMMENT ON TABLE database_epoch IS
    'Orders projections across restores: raised by job_migrate {"raise_epoch": true} after one.';
INSERT INTO database_epoch (epoch) VALUES (extract(epoch FROM now())::int8);

CREATE TABLE wallets (
    wallet_id int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address   bytea NOT NULL UNIQUE
);
COMMENT ON TABLE wallets IS 'Every address that took part in a stored transaction.';

CREATE TABLE mints (
    mint_id  int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    address  bytea NOT NULL UNIQUE,
    decimals int2
);

CREATE TABLE token_accounts (
    account_id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner_id   int4 NOT NULL REFERENCES wallets,
    mint_id    int4 NOT NULL REFERENCES mints,
    address    bytea NOT NULL,
    UNIQUE (owner_id, mint_id, address)
);
COMMENT ON TABLE token_accounts IS
    'An account under one owner and mint (an account may change both over its life). An owner''s '
    'native lamports are the account whose address is the owner''s own, under the SOL mint.';

CREATE TABLE packs (
    pack_id       int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    object_key    text NOT NULL UNIQUE,
    dictionary_id text NOT NULL,
    frames        int4 NOT NULL,
    bytes         int4 NOT NULL,
    stored_at     timestamptz NOT NULL
);
COMMENT ON TABLE packs IS 'S3 objects of raw bodies: one zstd frame a transaction.';

CREATE TABLE transactions (
    tx_id              int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    block_time         int8,
    fee_lamports       int8 NOT NULL,
    slot               int4 NOT NULL,
    tx_index           int4,
    fee_payer_id       int4 NOT NULL,
    pack_id            int4 NOT NULL,
    frame_offset       int4 NOT NULL,
    frame_length       int4 NOT NULL,
    normalizer_version int2 NOT NULL,
    failed             boolean NOT NULL,
    revoked            boolean NOT NULL DEFAULT false,
    signature          bytea NOT NULL,
    anomalies          jsonb
);
COMMENT ON COLUMN transactions.revoked IS
    'Dropped by a reorg: the row stays for the ledgers that name it; a re-landing is a new row.';
COMMENT ON COLUMN transactions.tx_index IS 'Position in the block; null until some body tells.';
-- Short entries; the full signature is compared after the look-up.
CREATE UNIQUE INDEX transactions_signature ON transactions (substring(signature, 1, 16))
    WHERE NOT revoked;

CREATE TABLE participants (
    tx_id     int8 NOT NULL,
    slot      int4 NOT NULL,
    wallet_id int4 NOT NULL
);
COMMENT ON TABLE participants IS
    'Fee payer, signers, and owners with a non-zero delta; written once, with their transaction.';
-- The only index: a wallet's transactions in chain order, and whether it took part in one.
CREATE INDEX participants_wallet ON participants (wallet_id, slot, tx_id);

CREATE TABLE actions (
    tx_id           int8 NOT NULL,
    slot            int4 NOT NULL,
    owner_id        int4,
    mint_id         int4 NOT NULL,
    counterparty_id int4,
    kind            int2 NOT NULL,
    delta_raw       numeric NOT NULL
) PARTITION BY RANGE (slot);
COMMENT ON TABLE actions IS
    'Movements: signed, one per (owner, mint, kind, counterparty) of a transaction; kind is '
    'oof.adapters.postgres.codes.KIND_CODES. New ranges are added by job_migrate.';
-- All movements of given transactions (with their slots, which prune the partitions).
CREATE INDEX actions_tx ON actions (tx_id);
-- One owner's movements of one mint in chain order.
CREATE INDEX actions_owner_mint ON actions (owner_id, mint_id, slot, tx_id);
CREATE TABLE actions_default PARTITION OF actions DEFAULT;
DO $$
BEGIN
    FOR step IN 0..29 LOOP
        EXECUTE format(
            'CREATE TABLE actions_%s PARTITION OF actions FOR VALUES FROM (%s) TO (%s)',
            lpad(step::text, 3, '0'), step * 20000000, (step + 1) * 20000000
        );
    END LOOP;
END $$;

CREATE TABLE trades (
    tx_id          int8 NOT NULL,
    slot           int4 NOT NULL,
    trader_id      int4 NOT NULL,
    sold_mint_id   int4 NOT NULL,
    bought_mint_id int4 NOT NULL,
    leg            int2 NOT NULL,
    outer_index    int2 NOT NULL,
    is_maker       boolean NOT NULL,
    arbitrage      boolean NOT NULL,
    sold_raw       numeric NOT NULL,
    bought_raw     numeric NOT NULL,
    venue          text NOT NULL,
    route          text[] NOT NULL,
    terminal       text,
    PRIMARY KEY (tx_id, leg)
);
COMMENT ON COLUMN trades.leg IS 'Position in the normalized transaction''s list of trades.';
CREATE INDEX trades_trader ON trades (trader_id, slot, tx_id);

CREATE TABLE balances (
    tx_id      int8 NOT NULL,
    account_id int8 NOT NULL,
    pre_raw    numeric NOT NULL,
    post_raw   numeric NOT NULL,
    PRIMARY KEY (tx_id, account_id)
);
COMMENT ON TABLE balances IS 'What the chain says each changed account held before and after.';

CREATE TABLE unreadable (
    body_sha256 bytea NOT NULL,
    code        text NOT NULL,
    detail      text NOT NULL,
    source      text NOT NULL,
    signature   text,
    object_key  text,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (body_sha256, code)
);
COMMENT ON TABLE unreadable IS 'Bodies that are no complete transaction: recorded, never raised.';

CREATE TABLE tracked_wallets (
    wallet_id             int4 PRIMARY KEY REFERENCES wallets,
    state                 text NOT NULL,
    blocked_code          text,
    revision              int8 NOT NULL DEFAULT 1,
    projected_revision    int8 NOT NULL DEFAULT 0,
    applied_seq           int4 NOT NULL DEFAULT 0,
    newest_slot           int4,
    oldest_time           int8,
    newest_time           int8,
    tracked_at            timestamptz NOT NULL,
    changed_at            timestamptz NOT NULL,
    read_at               timestamptz,
    tail_checked_at       timestamptz,
    last_error_code       text,
    last_error_at         timestamptz,
    last_error_retry_at   timestamptz,
    coverage_addresses    int4 NOT NULL DEFAULT 0,
    coverage_complete     boolean NOT NULL DEFAULT false,
    coverage_oldest_time  int8,
    coverage_newest_time  int8,
    coverage_stopped_by   text
);
COMMENT ON COLUMN tracked_wallets.revision IS
    'Raised by one, under this row''s lock, with every committed change of the wallet.';
COMMENT ON COLUMN tracked_wallets.blocked_code IS
    'Set while the fold keeps failing: the wallet is shown BLOCKED and not applied; pending grows.';
-- Wallets whose projection lags (the sweeper's question).
CREATE INDEX tracked_wallets_lagging ON tracked_wallets (changed_at)
    WHERE revision > projected_revision;

CREATE TABLE pending (
    wallet_id   int4 NOT NULL,
    tx_id       int8 NOT NULL,
    enqueued_at timestamptz NOT NULL,
    PRIMARY KEY (wallet_id, tx_id)
);
COMMENT ON TABLE pending IS
    'The outbox: "bring this wallet''s ledger in line with this transaction". Level, not edge: '
    'a row too many changes nothing.';

CREATE TABLE ledger (
    tx_id     int8 NOT NULL,
    wallet_id int4 NOT NULL,
    seq       int4 NOT NULL,
    op        int2 NOT NULL,
    known     int2 NOT NULL,
    version   int2 NOT NULL,
    PRIMARY KEY (wallet_id, seq)
);
COMMENT ON TABLE ledger IS
    'What was applied to each wallet, seq gapless from 1; rows are never changed or deleted. '
    'op: 1 apply, 2 revoke, 3 revise. known: which nullable facts the fold saw. version: the '
    'normalizer whose facts it saw.';
-- The last operation on a transaction, per wallet.
CREATE INDEX ledger_transaction ON ledger (wallet_id, tx_id, seq);

CREATE TABLE wallet_counters (
    wallet_id int4 NOT NULL,
    name      text NOT NULL,
    value     numeric NOT NULL,
    PRIMARY KEY (wallet_id, name)
);
COMMENT ON TABLE wallet_counters IS
    'Order-free sums over a ledger''s live set: tx, failed, mentions, trades, venue:…, fee:….';

CREATE TABLE wallet_hours (
    wallet_id int4 NOT NULL,
    hour      int8 NOT NULL,
    tx_count  int4 NOT NULL,
    PRIMARY KEY (wallet_id, hour)
);
COMMENT ON COLUMN wallet_hours.hour IS 'Start of a UTC hour, unix seconds.';

CREATE TABLE holdings (
    account_id       int8 NOT NULL,
    tx_id            int8 NOT NULL,
    wallet_id        int4 NOT NULL,
    mint_id          int4 NOT NULL,
    slot             int4 NOT NULL,
    order_unresolved boolean NOT NULL,
    post_raw         numeric NOT NULL,
    rivals           bytea NOT NULL,
    PRIMARY KEY (wallet_id, account_id)
);
COMMENT ON TABLE holdings IS
    'Newest post-balance of each account of a tracked wallet, closed ones (0) included.';
COMMENT ON COLUMN holdings.rivals IS
    'MessagePack: every live balance of this account in `slot`, among which the newest is chosen.';
