"""Starts and stops state machines."""
