-- What positions are worth in dollars: a stage behind them. Values do not steer which lots an exit
-- takes, so prices may come late, and nothing is folded again for them.

CREATE TABLE valuation_due (
    wallet_id int4 NOT NULL,
    mint_id   int4 NOT NULL,
    from_slot int4 NOT NULL,
    at        timestamptz NOT NULL,
    PRIMARY KEY (wallet_id, mint_id)
);
COMMENT ON TABLE valuation_due IS
    'The outbox of valuing: trades of this position from this slot on are to be valued. Written '
    'with what changed, be it a position or a price; deleted with what was valued.';
CREATE INDEX valuation_due_at ON valuation_due (at);

CREATE TABLE valuation_waits (
    price_mint_id int4 NOT NULL,
    day           int4 NOT NULL,
    wallet_id     int4 NOT NULL,
    mint_id       int4 NOT NULL,
    from_slot     int4 NOT NULL,
    is_missing    boolean NOT NULL,
    PRIMARY KEY (price_mint_id, day, wallet_id, mint_id)
);
COMMENT ON TABLE valuation_waits IS
    'Which prices of which UTC days a position''s value rests on that may still come, or change. '
    'is_missing: there is none yet, so whatever comes is news; else the day''s end is.';
CREATE INDEX valuation_waits_position ON valuation_waits (wallet_id, mint_id);

CREATE TABLE position_entries (
    tx_id     int8 NOT NULL,
    wallet_id int4 NOT NULL,
    mint_id   int4 NOT NULL,
    slot      int4 NOT NULL,
    place     int2 NOT NULL,
    document  jsonb NOT NULL,
    PRIMARY KEY (wallet_id, mint_id, slot, tx_id, place)
);
COMMENT ON TABLE position_entries IS
    'Each purchase; place tells several of one transaction apart. None of SOL.';
-- What a fold from an earlier slot on deletes.
CREATE INDEX position_entries_slot ON position_entries (wallet_id, slot);

ALTER TABLE position_exits
    ADD COLUMN proceeds_usd numeric,
    ADD COLUMN cost_usd     numeric,
    ADD COLUMN fees_usd     numeric,
    ADD COLUMN pnl_usd      numeric,
    ADD COLUMN usd          jsonb;
COMMENT ON COLUMN position_exits.usd IS
    'Which price each part rests on, who told it, and why what is missing is; null until valued.';

ALTER TABLE positions ADD COLUMN usd jsonb;
COMMENT ON COLUMN positions.usd IS
    'The sum of its days, and what its open lots cost, as text; null until valued.';

CREATE TABLE position_days (
    wallet_id         int4 NOT NULL,
    mint_id           int4 NOT NULL,
    day               int4 NOT NULL,
    first_slot        int4 NOT NULL,
    last_slot         int4 NOT NULL,
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
    PRIMARY KEY (wallet_id, mint_id, day)
);
COMMENT ON TABLE position_days IS
    'Sums of a position''s trades by UTC day, -1 where nobody knows when: realized = proceeds - '
    'cost - fees, of exits with a price for every part. excluded: got for units of unknown cost; '
    'pending, unpriced: exits without a profit in dollars; unvalued: trades in no volume.';
CREATE INDEX position_days_day ON position_days (wallet_id, day);

-- Purchases were not kept before: everything is folded once more.
UPDATE position_heads SET stale_from = 0, stale_since = coalesce(stale_since, now())
WHERE events > 0;
