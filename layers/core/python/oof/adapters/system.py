"""The real clock and the real source of ids."""

import secrets
from datetime import UTC, datetime


class SystemClock:
    """`Clock` of this machine."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)


def random_id() -> str:
    """See `NewId`: 128 random bits."""
    return secrets.token_urlsafe(16)
