-- Wallets whose whole history somebody wants, whether or not they ask for it.

CREATE TABLE favourites (
    address  bytea PRIMARY KEY,
    added_at timestamptz NOT NULL
);
COMMENT ON TABLE favourites IS
    'Brought in by night, within what the day''s budget leaves. Addresses, not wallet ids: one may '
    'be favoured before it is opened, and stays so when it is untracked.';
