-- Rollups of what was realized: by day of a wallet, and by window of a wallet and of each token.

ALTER TABLE position_days
    ADD COLUMN won_usd  numeric NOT NULL DEFAULT 0,
    ADD COLUMN lost_usd numeric NOT NULL DEFAULT 0,
    ADD COLUMN first_at int8,
    ADD COLUMN last_at  int8;
COMMENT ON COLUMN position_days.won_usd IS
    'Profits of exits above zero; lost_usd: losses of those below, as a positive number.';
COMMENT ON COLUMN position_days.first_at IS 'Of its first trade; null where nobody knows when.';

CREATE TABLE wallet_days (
    wallet_id         int4 NOT NULL,
    day               int4 NOT NULL,
    buys              int4 NOT NULL,
    exits             int4 NOT NULL,
    wins              int4 NOT NULL,
    losses            int4 NOT NULL,
    pending           int4 NOT NULL,
    unpriced          int4 NOT NULL,
    unvalued          int4 NOT NULL,
    realized_lamports numeric NOT NULL,
    realized_usd      numeric NOT NULL,
    proceeds_usd      numeric NOT NULL,
    cost_usd          numeric NOT NULL,
    fees_usd          numeric NOT NULL,
    excluded_usd      numeric NOT NULL,
    volume_usd        numeric NOT NULL,
    won_usd           numeric NOT NULL,
    lost_usd          numeric NOT NULL,
    PRIMARY KEY (wallet_id, day)
);
COMMENT ON TABLE wallet_days IS
    'Sums of position_days over all tokens, SOL and dollars aside; of every day with a trade.';

CREATE TABLE wallet_windows (
    wallet_id         int4 NOT NULL,
    days              int2 NOT NULL,
    to_day            int4 NOT NULL,
    turns             int8 NOT NULL,
    buys              int4 NOT NULL,
    exits             int4 NOT NULL,
    wins              int4 NOT NULL,
    losses            int4 NOT NULL,
    pending           int4 NOT NULL,
    unpriced          int4 NOT NULL,
    unvalued          int4 NOT NULL,
    realized_lamports numeric NOT NULL,
    realized_usd      numeric NOT NULL,
    proceeds_usd      numeric NOT NULL,
    cost_usd          numeric NOT NULL,
    fees_usd          numeric NOT NULL,
    excluded_usd      numeric NOT NULL,
    volume_usd        numeric NOT NULL,
    won_usd           numeric NOT NULL,
    lost_usd          numeric NOT NULL,
    PRIMARY KEY (wallet_id, days)
);
COMMENT ON TABLE wallet_windows IS
    'Sums of wallet_days over windows: so many days that end with to_day; 0: all, and trades of '
    'unknown time. A wallet has all of its windows, of one to_day, or none.';
COMMENT ON COLUMN wallet_windows.turns IS
    'How often what they are made of was valued: tells results of two moments apart.';
-- Which are to be rolled on; one row a wallet.
CREATE INDEX wallet_windows_behind ON wallet_windows (to_day, wallet_id) WHERE days = 0;

CREATE TABLE token_windows (
    wallet_id         int4 NOT NULL,
    mint_id           int4 NOT NULL,
    days              int2 NOT NULL,
    first_slot        int4 NOT NULL,
    last_slot         int4 NOT NULL,
    first_at          int8,
    last_at           int8,
    roi               numeric,
    buys              int4 NOT NULL,
    exits             int4 NOT NULL,
    wins              int4 NOT NULL,
    losses            int4 NOT NULL,
    pending           int4 NOT NULL,
    unpriced          int4 NOT NULL,
    unvalued          int4 NOT NULL,
    realized_lamports numeric NOT NULL,
    realized_usd      numeric NOT NULL,
    proceeds_usd      numeric NOT NULL,
    cost_usd          numeric NOT NULL,
    fees_usd          numeric NOT NULL,
    excluded_usd      numeric NOT NULL,
    volume_usd        numeric NOT NULL,
    won_usd           numeric NOT NULL,
    lost_usd          numeric NOT NULL,
    PRIMARY KEY (wallet_id, days, mint_id)
);
COMMENT ON TABLE token_windows IS
    'Sums of position_days over the windows of wallet_windows; of every token with a trade in it.';
COMMENT ON COLUMN token_windows.roi IS
    'realized_usd / cost_usd with six decimals; null where nothing was sold at a known cost.';
-- One order each.
CREATE INDEX token_windows_last_trade ON token_windows (wallet_id, days, last_slot, mint_id);
CREATE INDEX token_windows_realized ON token_windows (wallet_id, days, realized_usd, mint_id);
CREATE INDEX token_windows_roi ON token_windows (wallet_id, days, roi, mint_id);
CREATE INDEX token_windows_volume ON token_windows (wallet_id, days, volume_usd, mint_id);

-- Views are worked out again when they are asked for; those kept lack the new sums.
DELETE FROM position_views;
-- Everything valued before is valued once more, which makes the rollups too.
UPDATE positions SET usd = usd || '{"won_usd": "0", "lost_usd": "0"}' WHERE usd IS NOT NULL;
INSERT INTO valuation_due AS d (wallet_id, mint_id, from_slot, at)
SELECT wallet_id, mint_id, 0, to_timestamp(0) FROM positions WHERE usd IS NOT NULL
ON CONFLICT (wallet_id, mint_id) DO UPDATE SET from_slot = 0, at = excluded.at;

CREATE TABLE token_spans (
    span_id     int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    wallet_id   int4 NOT NULL,
    first_day   int4 NOT NULL,
    last_day    int4 NOT NULL,
    turns       int8 NOT NULL,
    computed_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    UNIQUE (wallet_id, first_day, last_day, turns)
);
COMMENT ON TABLE token_spans IS
    'Days from one to another that somebody asked a wallet''s tokens of, as they were at a moment.';
CREATE INDEX token_spans_expiring ON token_spans (expires_at);

CREATE TABLE token_span_rows (
    span_id int8 NOT NULL REFERENCES token_spans ON DELETE CASCADE,
    LIKE token_windows,
    PRIMARY KEY (span_id, mint_id)
);
COMMENT ON TABLE token_span_rows IS 'As token_windows, over the days of a token_spans row.';
ALTER TABLE token_span_rows DROP COLUMN wallet_id, DROP COLUMN days;
CREATE INDEX token_span_rows_last_trade ON token_span_rows (span_id, last_slot, mint_id);
CREATE INDEX token_span_rows_realized ON token_span_rows (span_id, realized_usd, mint_id);
CREATE INDEX token_span_rows_roi ON token_span_rows (span_id, roi, mint_id);
CREATE INDEX token_span_rows_volume ON token_span_rows (span_id, volume_usd, mint_id);
-- What is held, for what it is worth now.
CREATE INDEX positions_open ON positions (wallet_id, mint_id) WHERE is_open;
