-- Tail repair by evidence: what was looked at when, who waits to be listed, and when events were
-- lost; and how long after its block the newest transaction of a wallet was applied.

ALTER TABLE tracked_wallets
    ADD COLUMN tokens_checked_at     timestamptz,
    ADD COLUMN token_evidence        text,
    ADD COLUMN token_evidence_due_at timestamptz,
    ADD COLUMN tail_shown_at         timestamptz,
    ADD COLUMN applied_lag_s         int4;
COMMENT ON COLUMN tracked_wallets.evidence IS
    'Digest of the lamports that last differed from the known ones.';
COMMENT ON COLUMN tracked_wallets.tokens_checked_at IS
    'When the known token accounts were last looked at; a listing tells more (listed_at).';
COMMENT ON COLUMN tracked_wallets.token_evidence IS
    'Digest of the token balances that last differed; answered like evidence.';
COMMENT ON COLUMN tracked_wallets.tail_shown_at IS
    'When a look that found nothing last raised the revision, so that the summary shows it.';
COMMENT ON COLUMN tracked_wallets.applied_lag_s IS
    'Seconds between the block of the newest transaction and its being applied.';

CREATE TABLE wanted_listings (
    wallet_id  int4 PRIMARY KEY REFERENCES tracked_wallets,
    reason     int2 NOT NULL,
    wanted_at  timestamptz NOT NULL,
    started_at timestamptz,
    tick       text
);
COMMENT ON TABLE wanted_listings IS
    'Wallets whose newest end is to be listed, a bounded number at once. A row goes once the '
    'wallet was listed. reason: 1 moved, 2 missing body, 3 outage, 4 audit.';
COMMENT ON COLUMN wanted_listings.tick IS 'The repair that started it: tried again, the same runs.';

CREATE TABLE outages (
    began_at timestamptz PRIMARY KEY,
    ended_at timestamptz,
    reported boolean NOT NULL
);
COMMENT ON TABLE outages IS
    'Times in which webhook events were lost; every wallet not listed since the end is listed. '
    'At most one has no end yet.';

CREATE TABLE deliveries (
    source  text PRIMARY KEY,
    last_at timestamptz NOT NULL
);
COMMENT ON TABLE deliveries IS 'When each source last delivered bodies, to half a minute.';
INSERT INTO deliveries (source, last_at) VALUES ('webhook', '-infinity');
