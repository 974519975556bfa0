"""Measurements: bytes, rates, latencies and money, each beside the goal it is to meet.

    make bench                      # everything
    python -m local.bench serve     # one of them

A bench is a function of a `Session`; it prints its own tables. Numbers are medians over repeats on
this machine; nothing here fails because a machine is slow.
"""
