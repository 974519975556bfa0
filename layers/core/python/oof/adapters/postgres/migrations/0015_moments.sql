-- Moments: what detectors find in a wallet's history of a mint, and where they are to look again.

CREATE TABLE moments_due (
    wallet_id int4 NOT NULL,
    mint_id   int4 NOT NULL,
    from_slot int4 NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (wallet_id, mint_id)
);
COMMENT ON TABLE moments_due IS
    'The outbox of detection: look at this position from this slot on, once this time has come. '
    'Written with what changed; deleted with what was found, which may write it anew: a window '
    'that is still open is looked at again when it closes.';
CREATE INDEX moments_due_at ON moments_due (at);

CREATE TABLE moments (
    tx_id     int8 NOT NULL,
    at        int8 NOT NULL,
    due_at    int8,
    wallet_id int4 NOT NULL,
    mint_id   int4 NOT NULL,
    slot      int4 NOT NULL,
    kind      int2 NOT NULL,
    place     int2 NOT NULL,
    version   int2 NOT NULL,
    severity  numeric NOT NULL,
    usd       numeric,
    pct       numeric,
    id        bytea NOT NULL,
    document  jsonb NOT NULL,
    PRIMARY KEY (id)
);
COMMENT ON COLUMN moments.id IS
    'The first 16 bytes of sha256(kind|wallet|mint|signature|place): the same however often it is '
    'found again, under whichever version of its detector.';
COMMENT ON COLUMN moments.due_at IS 'When its window closes; null once it is final.';
COMMENT ON COLUMN moments.kind IS 'oof.adapters.postgres.moment_rows.KIND_CODES.';
-- One position's, from a slot on, and those of which it has one each wherever it is.
CREATE INDEX moments_position ON moments (wallet_id, mint_id, slot);
CREATE INDEX moments_records ON moments (wallet_id, mint_id) WHERE kind IN (11, 12);
-- The list, newest first; kinds and least amounts are read off the index.
CREATE INDEX moments_recent ON moments (wallet_id, at, id) INCLUDE (kind, usd);
-- The dearest of each kind.
CREATE INDEX moments_rank ON moments
    (wallet_id, kind, usd DESC NULLS LAST, severity DESC, slot, id);

CREATE TABLE wallet_extremes (
    wallet_id  int4 PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    document   jsonb NOT NULL
);
COMMENT ON TABLE wallet_extremes IS
    'Of each kind how many moments there are, how many may still change, and the '
    'dearest; written with them.';

-- What was folded so far is looked at once.
INSERT INTO moments_due (wallet_id, mint_id, from_slot, at)
SELECT wallet_id, mint_id, 0, now() FROM positions;
