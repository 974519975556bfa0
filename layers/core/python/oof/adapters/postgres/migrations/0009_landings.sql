-- Earlier landings of a signature, and how far stored bodies were read anew.

-- Who had a dropped landing of a signature counts the next one too; there are few.
CREATE INDEX transactions_dropped ON transactions (substring(signature, 1, 16)) WHERE revoked;

CREATE TABLE renormalizations (
    version    int2 PRIMARY KEY,
    after_tx   int8 NOT NULL DEFAULT 0,
    last_tx    int8 NOT NULL,
    seen       int8 NOT NULL DEFAULT 0,
    rewritten  int8 NOT NULL DEFAULT 0,
    failed     int8 NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    ended_at   timestamptz
);
COMMENT ON TABLE renormalizations IS
    'Reading stored bodies with a newer normalizer: one row a version, resumed at after_tx.';
COMMENT ON COLUMN renormalizations.last_tx IS
    'The newest transaction when this pass began; what an older function stored meanwhile is for '
    'another pass, which is asked for.';
COMMENT ON COLUMN renormalizations.failed IS
    'Bodies that could not be read from their pack, or are none to the newer normalizer; their '
    'facts stay as they are.';
