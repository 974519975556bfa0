"""`make accuracy`: what normalization says of recorded transactions, held against all evidence."""
