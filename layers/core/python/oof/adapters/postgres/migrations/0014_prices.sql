-- Prices of touched mints, and which of their days are still to be asked for.

CREATE TABLE candles (
    mint_id    int4 NOT NULL,
    start      int4 NOT NULL,
    width      int2 NOT NULL,
    source     int2 NOT NULL,
    confidence int2 NOT NULL,
    open       numeric NOT NULL,
    high       numeric NOT NULL,
    low        numeric NOT NULL,
    close      numeric NOT NULL,
    volume_usd numeric,
    PRIMARY KEY (mint_id, start, width)
);
COMMENT ON TABLE candles IS
    'USD of one whole token within a bucket of `width` seconds from `start`, in minutes since '
    '1970. A bucket nobody told of has no row. source is '
    'oof.adapters.postgres.price_store.SOURCE_CODES, confidence in percent.';

CREATE TABLE price_days (
    mint_id    int4 NOT NULL,
    day        int4 NOT NULL,
    notional   numeric NOT NULL DEFAULT 0,
    first_slot int4,
    last_slot  int4,
    width      int2,
    told       int4 NOT NULL DEFAULT 0,
    tries      int2 NOT NULL DEFAULT 0,
    due_at     timestamptz,
    PRIMARY KEY (mint_id, day)
);
COMMENT ON TABLE price_days IS
    'UTC days of mints whose prices are wanted: those of a trade and the seven after. notional: the '
    'largest trade, in lamports'' worth; first_slot, last_slot: of the day''s own trades; width: '
    'the narrowest candles kept of it; told: candles that providers told; due_at: when to ask '
    '(again), null for never.';
CREATE INDEX price_days_due ON price_days (notional DESC) WHERE due_at IS NOT NULL;
CREATE INDEX price_days_age ON price_days (width, day) WHERE width IS NOT NULL;

CREATE TABLE price_mints (
    mint_id   int4 PRIMARY KEY,
    notional  numeric NOT NULL,
    quoted_at timestamptz
);
COMMENT ON TABLE price_mints IS 'Touched mints, and when each was last asked for as of now.';
CREATE INDEX price_mints_dear ON price_mints (notional DESC);

CREATE TABLE price_scan (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    noted_tx int8 NOT NULL DEFAULT 0
);
COMMENT ON TABLE price_scan IS 'Up to which transaction trades were noted in price_days.';
INSERT INTO price_scan DEFAULT VALUES;

-- One mint's trades of a day, by the slots of that day.
CREATE INDEX trades_sold ON trades (sold_mint_id, slot);
CREATE INDEX trades_bought ON trades (bought_mint_id, slot);
