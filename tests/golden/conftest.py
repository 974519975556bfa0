import pytest

from local.upstream.golden.life import live
from local.upstream.golden.script import Golden
from tests.golden.engine import Told, read_all

ENDS = 1_795_305_600
"""2026-11-22T00:00:00Z: when the golden life ends here."""


@pytest.fixture(scope="session")
def golden() -> Golden:
    """Four years of one wallet."""
    return live(1, ENDS)


@pytest.fixture(scope="session")
def told(golden: Golden) -> list[Told]:
    """What the project reads in its transactions."""
    return read_all(golden)
