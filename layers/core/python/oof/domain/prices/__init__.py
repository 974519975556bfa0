"""Prices of mints in USD: candles by age, looked up, guarded, and made coarser as they grow old."""
