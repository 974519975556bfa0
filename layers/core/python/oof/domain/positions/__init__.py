"""Positions: lots, what was realized against them, and what is still open."""
