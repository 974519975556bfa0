-- Vectors, by which wallets are compared, and whom each is most like.

CREATE TABLE wallet_vectors (
    wallet_id   int4 PRIMARY KEY REFERENCES tracked_wallets,
    version     int2 NOT NULL,
    purchases   int4 NOT NULL,
    computed_at timestamptz NOT NULL,
    vector      bytea
);
COMMENT ON TABLE wallet_vectors IS
    'Written in the wallet''s own transaction, with its portrait; oof.domain.similarity.features '
    'defines them.';
COMMENT ON COLUMN wallet_vectors.purchases IS 'Of tokens, within the wallet''s newest year.';
COMMENT ON COLUMN wallet_vectors.vector IS
    'MessagePack, less than 8 KB; null below the minimum sample.';
-- Numbers that look like chance: compressing them costs time and saves nothing.
ALTER TABLE wallet_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;
-- Those that changed last, of one version.
CREATE INDEX wallet_vectors_recent ON wallet_vectors (version, computed_at DESC, wallet_id)
    WHERE vector IS NOT NULL;

CREATE TABLE wallet_neighbours (
    wallet_id     int4 PRIMARY KEY REFERENCES tracked_wallets,
    compared      int4 NOT NULL,
    computed_at   timestamptz NOT NULL,
    neighbour_ids int4[] NOT NULL,
    scores        real[] NOT NULL
);
COMMENT ON TABLE wallet_neighbours IS
    'Written by job_find_neighbours alone, for all wallets with a vector; a wallet it did not '
    'compare loses its row.';
COMMENT ON COLUMN wallet_neighbours.compared IS 'Wallets that it was compared with.';
COMMENT ON COLUMN wallet_neighbours.scores IS
    'Overall, allocation, timing, cotrading and behaviour of each neighbour in turn, null where '
    'not known.';
-- What a run did not renew.
CREATE INDEX wallet_neighbours_age ON wallet_neighbours (computed_at);
