-- What tokens are called, as providers tell, and when to ask again.

ALTER TABLE mints
    ADD COLUMN symbol       text CHECK (char_length(symbol) <= 32),
    ADD COLUMN facts_due_at timestamptz NOT NULL DEFAULT to_timestamp(0);
COMMENT ON COLUMN mints.symbol IS
    'Under which symbol the mint is shown: beside the address, so that whatever names a mint need '
    'not ask further. Null also where it poses as a token that everybody knows.';
COMMENT ON COLUMN mints.facts_due_at IS 'When to ask what it is called; 1970 where nobody did yet.';
-- Due ones, of new ones the newest first.
CREATE INDEX mints_facts_due ON mints (facts_due_at, mint_id DESC);

CREATE TABLE token_facts (
    mint_id   int4 PRIMARY KEY REFERENCES mints,
    tries     int4 NOT NULL,
    source    int2,
    decimals  int2,
    verified  boolean,
    as_of     timestamptz,
    asked_at  timestamptz NOT NULL,
    name      text CHECK (char_length(name) <= 128),
    logo      text CHECK (char_length(logo) <= 512),
    anomalies text[] NOT NULL
);
COMMENT ON TABLE token_facts IS
    'Of every mint that somebody was asked about. source: '
    'oof.adapters.postgres.token_store.SOURCE_CODES, null where nobody knows it; decimals: the '
    'chain''s, else as told; as_of: when it was told; tries: answers since the first that said the '
    'same.';

-- Whoever holds or held a mint shows its symbol.
CREATE INDEX holdings_mint ON holdings (mint_id, wallet_id);
