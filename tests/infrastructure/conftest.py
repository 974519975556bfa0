"""Each stage is synthesized once a session, whichever worker comes first."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stacks.build_deps import build_all
from stacks.settings import SMALL
from tests.infrastructure.assembly import Assembly
from tests.infrastructure.synthesis import LOCAL_CONTEXT, PROD_CONTEXT, run_app


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other worker of this session is inside."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that every worker of this session sees."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "infrastructure"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def prod_layer(shared_folder: Path) -> Path:
    """The third-party layer of production stages, built if its pins changed."""
    with one_at_a_time(shared_folder / "layer.lock"):
        build_all(SMALL)
    return SMALL.deps_layer_dir


@pytest.fixture(scope="session")
def science_layer(prod_layer: Path) -> Path:
    """The layer that few functions carry besides, built with the other."""
    return SMALL.science_layer_dir


@pytest.fixture(scope="session")
def synthesized(
    shared_folder: Path, prod_layer: Path, science_layer: Path
) -> Callable[[str], Assembly]:
    """A stage's assembly, by its name."""
    contexts = {"local": LOCAL_CONTEXT, "prod": PROD_CONTEXT}
    read: dict[str, Assembly] = {}

    def synthesize(stage: str) -> Assembly:
        if stage not in read:
            output = shared_folder / stage
            with one_at_a_time(shared_folder / f"{stage}.lock"):
                if not (output / "validation-report.json").is_file():
                    layers = {
                        "deps_layer_dir": str(prod_layer),
                        "science_layer_dir": str(science_layer),
                    }
                    context = {**contexts[stage], **layers}
                    result = run_app(context, output)
                    assert result.returncode == 0, result.stdout + result.stderr
            read[stage] = Assembly(stage, output)
        return read[stage]

    return synthesize


@pytest.fixture(params=["local", "prod"])
def assembly(request: pytest.FixtureRequest, synthesized: Callable[[str], Assembly]) -> Assembly:
    """Both stages, one after the other."""
    return synthesized(request.param)


@pytest.fixture
def prod(synthesized: Callable[[str], Assembly]) -> Assembly:
    """The production stage."""
    return synthesized("prod")


@pytest.fixture
def local(synthesized: Callable[[str], Assembly]) -> Assembly:
    """The local stage."""
    return synthesized("local")
