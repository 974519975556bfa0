"""A generated chain: wallets that trade through real program shapes, deterministic by seed."""
