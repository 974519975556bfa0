"""How a wallet trades: metrics of its behaviour, and what they class it as."""
