"""What letting windows move on with time works with."""

from functools import cache

from oof.adapters.system import SystemClock
from oof.app.roll_windows import RollDeps
from oof.bootstrap.facts import fact_store


@cache
def roll_deps() -> RollDeps:
    """Dependencies of `roll_windows`."""
    return RollDeps(facts=fact_store(), clock=SystemClock())
