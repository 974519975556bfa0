"""A database full of wallets, within seconds: a few of them real, the others their copies."""
