"""Proof by chaos: a deployed stack under a seeded storm must end as one clean pass does.

    make chaos                                        # 10,000 deliveries over 60 wallets
    make chaos ARGS='--seed 7 --deliveries 500 --wallets 12 --outage 10'
    make chaos ARGS='--plant lose-a-delivery'         # must fail

The stand-in provider throttles, fails, answers late, cuts answers short, repeats, reorders and
withholds deliveries; workers and Postgres are killed, mappings switched off, the local AWS stopped.
Afterwards everything is mended, and each promise of ingest is held against what is stored.
"""
