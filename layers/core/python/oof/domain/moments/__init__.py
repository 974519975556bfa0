"""Moments: what happened to a wallet that is worth telling, and the detectors that find it."""
