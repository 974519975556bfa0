-- What keeping packs of raw bodies asks for: which rows point into a pack, whether it was merged into
-- another, when it was last read whole, and when it moved to colder storage.

ALTER TABLE packs
    ADD COLUMN first_tx_id   int8,
    ADD COLUMN last_tx_id    int8,
    ADD COLUMN superseded_at timestamptz,
    ADD COLUMN is_whole      boolean NOT NULL DEFAULT true,
    ADD COLUMN checked_at    timestamptz,
    ADD COLUMN fault         text,
    ADD COLUMN cooled_at     timestamptz;
COMMENT ON COLUMN packs.first_tx_id IS
    'Rows of transactions that point here lie between first_tx_id and last_tx_id, both included; '
    'null while none ever did.';
COMMENT ON COLUMN packs.superseded_at IS
    'Since when no transaction points here: its bodies were copied to a larger pack.';
COMMENT ON COLUMN packs.is_whole IS
    'Whether all bytes of a superseded pack were copied; one that holds more is never deleted.';
COMMENT ON COLUMN packs.fault IS 'What the last check found broken; null where it found nothing.';

UPDATE packs p SET first_tx_id = span.first, last_tx_id = span.last
FROM (
    SELECT pack_id, min(tx_id) AS first, max(tx_id) AS last FROM transactions GROUP BY pack_id
) span
WHERE span.pack_id = p.pack_id;

-- Packs to merge, oldest first, and those to delete.
CREATE INDEX packs_small ON packs (pack_id) WHERE superseded_at IS NULL AND bytes < 1000000;
CREATE INDEX packs_superseded ON packs (superseded_at) WHERE superseded_at IS NOT NULL;
-- Packs whose last check is the longest ago.
CREATE INDEX packs_checked ON packs (checked_at NULLS FIRST, pack_id) WHERE superseded_at IS NULL;
