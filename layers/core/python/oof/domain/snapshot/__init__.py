"""The wallet summary: what is folded of a wallet's ledger and served as one item."""
