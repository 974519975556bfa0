from pathlib import Path

import pytest

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
def recorded(recording: RecordedChain, chain_dir: Path) -> Upstream:
    """A stand-in of its own over the recorded chain, which tests leave as it is."""
    return Upstream(chain=recording, prices=recorded_prices(chain_dir / "prices"))
