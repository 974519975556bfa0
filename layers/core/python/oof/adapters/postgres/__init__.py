"""Facts, ledger and coverage in Postgres."""
