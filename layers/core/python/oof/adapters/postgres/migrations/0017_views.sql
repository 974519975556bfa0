-- Views: positions of groups of wallets by a caller's own choice of method. Nobody else reads them,
-- and nothing else is worked out of them: they are kept until they expire, then dropped.

CREATE TABLE position_views (
    view_id     bytea PRIMARY KEY,
    owner       text NOT NULL,
    digest      bytea NOT NULL,
    computed_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    document    jsonb NOT NULL
);
COMMENT ON COLUMN position_views.view_id IS 'Of owner, wallets and choice: asking again is the same.';
COMMENT ON COLUMN position_views.digest IS 'Of the result: the same one is not written again.';
COMMENT ON COLUMN position_views.document IS 'The choice, how the members stood, and the totals.';
CREATE INDEX position_views_expiring ON position_views (expires_at);

CREATE TABLE view_positions (
    view_id           bytea NOT NULL REFERENCES position_views ON DELETE CASCADE,
    mint_id           int4 NOT NULL,
    last_slot         int4 NOT NULL,
    is_open           boolean NOT NULL,
    last_at           int8,
    realized_lamports numeric NOT NULL,
    on_chain_raw      numeric NOT NULL,
    figures           jsonb NOT NULL,
    dollars           jsonb NOT NULL,
    PRIMARY KEY (view_id, mint_id)
);
COMMENT ON COLUMN view_positions.dollars IS
    'Sums as text, in hundred-millionths of a dollar; figures as in positions.';
-- The order of its pages.
CREATE INDEX view_positions_realized ON view_positions (view_id, realized_lamports, mint_id);
