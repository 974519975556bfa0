-- How each tracked wallet is watched: named on one of the provider's webhooks, or listed at
-- intervals because it moves more than its budget; and what was last put at the provider.

ALTER TABLE tracked_wallets
    ADD COLUMN webhook_shard int2,
    ADD COLUMN webhook_since timestamptz,
    ADD COLUMN hooked_at     timestamptz,
    ADD COLUMN live_since    timestamptz,
    ADD COLUMN governed_at   timestamptz,
    ADD COLUMN poll_every_s  int4,
    ADD COLUMN poll_due_at   timestamptz;
COMMENT ON COLUMN tracked_wallets.webhook_shard IS
    'The webhook whose list is to name this wallet and its token accounts; null for none.';
COMMENT ON COLUMN tracked_wallets.webhook_since IS
    'When the shard was chosen: where one overflows, who came last is moved.';
COMMENT ON COLUMN tracked_wallets.hooked_at IS
    'From here on the provider reports this wallet: its list was put before. Null while it does '
    'not, and again once a hook was found missing, changed or switched off.';
COMMENT ON COLUMN tracked_wallets.live_since IS
    'When a listing of the newest end ended that had begun after hooked_at: nothing is between '
    'the listed history and what is reported.';
COMMENT ON COLUMN tracked_wallets.governed_at IS
    'When the governor last changed how this wallet is watched.';
COMMENT ON COLUMN tracked_wallets.poll_every_s IS
    'Set where the wallet moves more than its budget: listed so often, and on no webhook.';
COMMENT ON COLUMN tracked_wallets.poll_due_at IS
    'When the next listing of such a wallet is due; nobody looks at its balances before.';
CREATE INDEX tracked_wallets_shard ON tracked_wallets (webhook_shard)
    WHERE webhook_shard IS NOT NULL;

CREATE TABLE webhook_shards (
    shard       int2 PRIMARY KEY,
    addresses   int4 NOT NULL,
    hook_id     text,
    digest      text NOT NULL,
    auth_digest text NOT NULL,
    put_at      timestamptz NOT NULL
);
COMMENT ON TABLE webhook_shards IS
    'What was last put at the provider under each number. digest: of the sorted address list; '
    'auth_digest: of the header value that deliveries carry.';

CREATE TABLE webhook_registry (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    looked_at   timestamptz,
    auth_digest text,
    is_rotating boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE webhook_registry IS
    'When the provider''s own list was last read, and which header value is the current one.';
INSERT INTO webhook_registry DEFAULT VALUES;
