"""Handlers' side: HTTP, batches, steps, problems, observability."""
