"""Composition roots: one cached builder a function family."""
