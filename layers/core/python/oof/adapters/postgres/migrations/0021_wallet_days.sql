-- What each wallet did, transferred and held, by UTC day (days since 1970, -1 where nobody knows).

CREATE TABLE wallet_activity_days (
    wallet_id int4 NOT NULL,
    day       int4 NOT NULL,
    name      text NOT NULL,
    value     numeric NOT NULL,
    PRIMARY KEY (wallet_id, day, name)
);
COMMENT ON TABLE wallet_activity_days IS
    'Order-free sums over a ledger''s live set, advanced with it; never 0. The names are those of '
    'oof.domain.snapshot.activity.';

CREATE TABLE wallet_flow_days (
    wallet_id       int4 NOT NULL,
    counterparty_id int4 NOT NULL,
    day             int4 NOT NULL,
    mint_id         int4 NOT NULL,
    transfers       int4 NOT NULL,
    direction       int2 NOT NULL,
    raw             numeric NOT NULL,
    PRIMARY KEY (wallet_id, counterparty_id, day, mint_id, direction)
);
COMMENT ON TABLE wallet_flow_days IS
    'Movements by transfer of a ledger''s live set, summed; advanced with it. counterparty_id: a '
    'wallet''s, 0 where nobody knows it. direction: 1 in, 2 out, 3 in as spam or dust.';
-- Who was dealt with last, from any day backwards.
CREATE INDEX wallet_flow_days_day ON wallet_flow_days (wallet_id, day, counterparty_id, direction);

CREATE TABLE holding_days (
    wallet_id int4 NOT NULL,
    mint_id   int4 NOT NULL,
    day       int4 NOT NULL,
    until_day int4 NOT NULL,
    slot      int4 NOT NULL,
    held_raw  numeric NOT NULL,
    PRIMARY KEY (wallet_id, mint_id, day)
);
COMMENT ON TABLE holding_days IS
    'What was held at the end of each day on which it changed, and before until_day, the next such '
    'day; 2147483647 of the newest. slot: of the last change of that day. Folded with positions.';
-- What was held within some days.
CREATE INDEX holding_days_held ON holding_days (wallet_id, until_day, day) WHERE held_raw > 0;

ALTER TABLE tracked_wallets ADD COLUMN fold_due_at timestamptz;
COMMENT ON COLUMN tracked_wallets.fold_due_at IS
    'Since when what is folded from the ledger is to be folded anew, positions too.';
CREATE INDEX tracked_wallets_fold_due ON tracked_wallets (fold_due_at)
    WHERE fold_due_at IS NOT NULL;

-- None of it was kept before: everything is folded once more.
UPDATE tracked_wallets SET fold_due_at = now() WHERE applied_seq > 0;
