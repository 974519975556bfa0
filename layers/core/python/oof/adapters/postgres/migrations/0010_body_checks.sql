-- Bodies that webhooks delivered, kept in mind until they are checked.

CREATE TABLE body_checks (
    tx_id       int8 PRIMARY KEY,
    noted_at    timestamptz NOT NULL,
    examined_at timestamptz,
    asked_at    timestamptz,
    settled_at  timestamptz,
    version     int2 NOT NULL,
    reason      int2,
    tries       int2 NOT NULL DEFAULT 0,
    outcome     int2,
    digest      bytea NOT NULL
);
COMMENT ON TABLE body_checks IS
    'Facts that came from a webhook''s body. reason: why it is asked for again, null while nothing '
    'speaks against it; 1 sampled, 2 its lamports do not add up, 3 it does not go on from its '
    'neighbour. outcome: 1 same, 2 false (revoked, and replaced by the node''s body as a new row), '
    '3 absent, 4 replaced because it could not be compared.';
COMMENT ON COLUMN body_checks.digest IS 'Of the normalized facts, by the normalizer of `version`.';
COMMENT ON COLUMN body_checks.examined_at IS
    'When it was compared with its neighbours, after the wallets it moved were listed past it.';
-- What is to be asked for.
CREATE INDEX body_checks_doubted ON body_checks (tx_id)
    WHERE reason IS NOT NULL AND settled_at IS NULL;
-- What is to be compared.
CREATE INDEX body_checks_unexamined ON body_checks (tx_id) WHERE examined_at IS NULL;
-- What is old.
CREATE INDEX body_checks_noted ON body_checks (noted_at);

COMMENT ON COLUMN transactions.revoked IS
    'Dropped by a reorg, or quarantined because its body was false (body_checks): the row stays '
    'for the ledgers that name it; a re-landing or the true body is a new row.';
