"""Secrets that the system itself changes."""
