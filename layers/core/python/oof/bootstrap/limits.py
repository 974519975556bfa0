"""How far runs go, from settings; apart, so that reading them loads nothing else."""

from oof.domain.backfill import Limits
from oof.settings import LimitSettings


def limits_of(settings: LimitSettings) -> Limits:
    """Return how far runs go, by settings."""
    return Limits(
        first_page=settings.first_page_signatures,
        page=settings.page_signatures,
        open_days=settings.first_open_days,
        open_signatures=settings.first_open_signatures,
        chunk_days=settings.chunk_days,
        chunk_signatures=settings.chunk_signatures,
        ceiling_days=settings.history_ceiling_days,
        too_active_per_day=settings.too_active_signatures_per_day,
        tail_fresh_s=settings.tail_fresh_s,
        pages_ahead=settings.pages_ahead,
    )
