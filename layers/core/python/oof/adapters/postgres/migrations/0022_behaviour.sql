-- Portraits: how a wallet trades, a window at a time, and what that classes it as.

CREATE TABLE portraits_due (
    wallet_id int4 PRIMARY KEY,
    at        timestamptz NOT NULL
);
COMMENT ON TABLE portraits_due IS
    'The outbox of portraits: portray this wallet once this time has come. Written with what '
    'changed, later for long histories; deleted with what was written, which marks the next day.';
CREATE INDEX portraits_due_at ON portraits_due (at);

CREATE TABLE wallet_behaviour (
    portrayed_at timestamptz NOT NULL,
    wallet_id    int4 NOT NULL,
    first_day    int4,
    last_day     int4 NOT NULL,
    as_of_slot   int4,
    window_code  text NOT NULL,
    document     jsonb NOT NULL,
    PRIMARY KEY (wallet_id, window_code)
);
COMMENT ON TABLE wallet_behaviour IS
    'Metrics of a window''s days, first_day (null: from the beginning) to last_day, since 1970.';

CREATE TABLE wallet_classification (
    wallet_id   int4 NOT NULL,
    version     int2 NOT NULL,
    window_code text NOT NULL,
    document    jsonb NOT NULL,
    PRIMARY KEY (wallet_id, window_code)
);
COMMENT ON TABLE wallet_classification IS
    'What the metrics of wallet_behaviour say, written with them; version: that of the rules.';

-- What was folded so far is portrayed once.
INSERT INTO portraits_due (wallet_id, at) SELECT DISTINCT wallet_id, now() FROM positions;
