-- What runs over wallets' histories remember: how far each address is listed and stored, who
-- fetches what right now, and what the provider did not have.

ALTER TABLE tracked_wallets
    ADD COLUMN top_slot  int4,
    ADD COLUMN listed_at timestamptz;
COMMENT ON COLUMN tracked_wallets.top_slot IS
    'Everything of all listed addresses is stored up to here, from each one''s floor.';
COMMENT ON COLUMN tracked_wallets.listed_at IS
    'When the newest end was last listed, which tells more than a look at balances.';

CREATE TABLE listed_addresses (
    wallet_id        int4 NOT NULL REFERENCES tracked_wallets,
    floor_slot       int4 NOT NULL,
    floor_time       int8,
    is_ended         boolean NOT NULL,
    address          bytea NOT NULL,
    before_signature bytea,
    PRIMARY KEY (wallet_id, address)
);
COMMENT ON TABLE listed_addresses IS
    'A wallet and its token accounts, as far as they were listed: a floor only sinks, an end '
    'stays an end.';

CREATE TABLE leases (
    signature bytea PRIMARY KEY,
    run_id    text NOT NULL,
    ends_at   timestamptz NOT NULL
);
COMMENT ON TABLE leases IS
    'Bodies being fetched: no two runs ask for the same one. Given back once stored.';
CREATE INDEX leases_run ON leases (run_id);

CREATE TABLE unavailable_bodies (
    wallet_id   int4 NOT NULL REFERENCES tracked_wallets,
    signature   bytea NOT NULL,
    given_up_at timestamptz NOT NULL,
    PRIMARY KEY (wallet_id, signature)
);
COMMENT ON TABLE unavailable_bodies IS
    'Listed, but the provider had no body; asked for again by the wallet''s next run.';

CREATE TABLE runs (
    run_id    text PRIMARY KEY,
    wallet_id int4 NOT NULL REFERENCES tracked_wallets,
    mode      text NOT NULL,
    outcome   text NOT NULL,
    pages     int4 NOT NULL,
    calls     int4 NOT NULL,
    credits   int4 NOT NULL,
    repeats   int4 NOT NULL,
    ended_at  timestamptz NOT NULL
);
COMMENT ON TABLE runs IS
    'What each run asked of the provider, as it counts; repeats are bodies that pages brought '
    'though they were stored.';
CREATE INDEX runs_wallet ON runs (wallet_id, ended_at);
