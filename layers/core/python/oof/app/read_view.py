"""Views, for the one they were made for."""

from dataclasses import dataclass

from oof.domain.errors import NotFound
from oof.ports.system import Clock
from oof.ports.views import ViewKey, ViewPage, ViewStore


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewDeps:
    """What reading and dropping views needs."""

    views: ViewStore
    clock: Clock


def read_view(
    deps: ViewDeps, view_id: str, *, caller: str, after: ViewKey | None, limit: int
) -> ViewPage:
    """Return a view with some of its positions.

    Raises NotFound for what is not there or not yet, has expired, or is not the caller's.
    """
    is_id = len(view_id) == 32 and not set(view_id) - set("0123456789abcdef")
    page = None
    if is_id:
        at = deps.clock.now()
        page = deps.views.page(view_id, owner=caller, at=at, after=after, limit=limit)
    if page is None:
        raise NotFound("no analysis of yours has this id")
    return page
