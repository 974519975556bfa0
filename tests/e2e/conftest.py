"""The deployed stack that the end-to-end tests share: one of their own, never the person's."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.runtime import RunningStack, running_stack

HERE = Path(__file__).parent
CROWD = 8
"""Small wallets of the generated chain, beside its usual ones."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, and keep it in one process: the stack is shared and gets broken."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, chain_dir: Path) -> Iterator[RunningStack]:
    """A stack over the recorded chain, up and deployed; gone without a trace at the end."""
    with running_stack(root=tmp_path_factory.mktemp("stack"), chain_dir=chain_dir) as running:
        yield running


@pytest.fixture(scope="session")
def generated_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """A stack over a generated chain, its tails and webhooks kept only when a test says so."""
    with running_stack(root=tmp_path_factory.mktemp("generated"), crowd=CROWD) as running:
        for name in ("repair-tail", "reconcile-webhooks", "settle-finality"):
            rule = f"oof-local-{name}"
            running.aws("events").disable_rule(Name=rule)
        yield running


@pytest.fixture
def api(stack: RunningStack) -> Iterator[httpx.Client]:
    """A client of the public API."""
    with httpx.Client(base_url=stack.api_url, timeout=30) as client:
        yield client
