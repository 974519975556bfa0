"""Drop views that have expired."""

from typing import Final

from oof.app.read_view import ViewDeps

AT_ONCE: Final = 50
"""Views dropped by one sweep: each has as many rows as its wallets had mints."""


def drop_views(*, deps: ViewDeps) -> int:
    """Drop some of what has expired; return how many views."""
    return deps.views.drop_expired(at=deps.clock.now(), limit=AT_ONCE)
