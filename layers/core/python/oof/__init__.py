"""OOF: wallet analytics for Solana, from exact facts to served numbers."""
