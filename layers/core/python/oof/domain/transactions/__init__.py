"""Normalization: one raw transaction in, exact signed movements and trades out."""
