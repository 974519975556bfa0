"""The documents keep up with the code."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = "\n".join((ROOT / name).read_text() for name in ("README.md", "ARCHITECTURE.md"))


def _functions() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


def _targets() -> list[str]:
    makefile = (ROOT / "Makefile").read_text()
    return sorted(set(re.findall(r"^([a-z]+):.*##", makefile, re.MULTILINE)))


@pytest.mark.parametrize("function", _functions())
def test_every_function_is_on_the_map(function: str):
    """A reader of the documents meets every deployed function by name."""
    assert function in DOCUMENTS


@pytest.mark.parametrize("target", _targets())
def test_every_make_target_is_explained(target: str):
    """Whoever reads the README knows each `make` target."""
    assert f"make {target}" in DOCUMENTS


@pytest.mark.parametrize("title", ["Invariants", "Failure by failure"])
def test_every_promise_names_a_test_that_exists(title: str):
    """An invariant without its test is a wish, and so is what happens when something breaks."""
    section = (ROOT / "ARCHITECTURE.md").read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| ") and " --- " not in line]
    promises = [row for row in rows if not row.endswith("| held by |")]
    named = [re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", row) for row in promises]
    assert len(promises) >= 10
    assert all(named)
    for path, test in (pair for row in named for pair in row):
        assert (ROOT / path).is_file(), path
        assert not test or f"def {test}(" in (ROOT / path).read_text(), f"{path}::{test}"


def test_what_never_ran_for_real_is_said():
    """The README says plainly what has not met the real thing."""
    for word in ("AWS", "Helius", "macOS", "arm64"):
        assert re.search(rf"never run.*\b{word}\b", DOCUMENTS, re.IGNORECASE | re.DOTALL), word
