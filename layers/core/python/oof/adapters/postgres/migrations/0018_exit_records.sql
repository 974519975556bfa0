-- The sale of a position that made the most, and the one that lost the most.
CREATE INDEX position_exits_record ON position_exits (wallet_id, mint_id, pnl_usd)
    WHERE pnl_usd IS NOT NULL;
