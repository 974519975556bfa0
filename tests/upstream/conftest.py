from pathlib import Path

import pytest

from local.upstream.clock import Clock
from local.upstream.prices import recorded_prices
from local.upstream.recorded import RecordedChain
from local.upstream.state import Upstream


@pytest.fixture
def anyio_backend() -> str:
    """Run async tests on asyncio alone."""
    return "asyncio"


@pytest.fixture(scope="session")
def recording(chain_dir: Path) -> RecordedChain:
    """One recorded chain for the tests that leave it as it is."""
    return RecordedChain(chain_dir)


@pytest.fixture
def recorded(chain_dir: Path) -> Upstream:
    """A stand-in over the recorded chain, of which a test may do what it likes."""
    return Upstream(
        chain=RecordedChain(chain_dir, Clock()), prices=recorded_prices(chain_dir / "prices")
    )
