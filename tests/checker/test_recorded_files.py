import ast
from collections import defaultdict
from pathlib import Path

import pytest

from tests.checker.bodies import Json, read_bodies
from tests.checker.conservation import lamports_leak, token_leaks
from tests.checker.deltas import owners_of
from tests.checker.recorded import recorded_files, report_of
from tests.checker.report import HEADING, summary
from tests.checker.token_steps import token_steps

HERE = Path(__file__).resolve().parent


def test_checker_imports_nothing_it_checks() -> None:
    """No module of the checker imports `oof` or `local`, so both cannot share a mistake."""
    modules = sorted(HERE.glob("*.py"))
    assert len(modules) > 5
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            roots = {name.split(".")[0] for name in names}
            assert not roots & {"oof", "local", "functions"}, f"{module.name} imports {names}"
            for name in names:
                assert name.split(".")[:2] == ["tests", "checker"] or not name.startswith("tests")


@pytest.mark.chain
@pytest.mark.parametrize("name", recorded_files())
def test_bodies_conserve_lamports_and_tokens(chain_dir: Path, name: str) -> None:
    """Lamports lost are the fee, tokens gained were minted: the checker reads bodies right."""
    for body in read_bodies(chain_dir / name):
        assert lamports_leak(body) == 0, body.signature
        assert token_leaks(body) == {}, body.signature


@pytest.mark.chain
def test_inferred_owners_are_the_stated_ones(chain_dir: Path) -> None:
    """With stated owners hidden, what the checker infers instead is mostly right."""
    right = wrong = 0
    for name in ("rpc/singles.jsonl.zst", "rpc/blocks/254170887.jsonl.zst"):
        for body in read_bodies(chain_dir / name):
            blind = body._replace(
                pre_tokens=tuple(entry._replace(owner=None) for entry in body.pre_tokens)
            )
            steps = token_steps(body.calls)
            for entry in body.pre_tokens:
                if entry.owner is None:
                    continue
                inferred = owners_of(entry._replace(owner=None), blind, steps).before
                right += inferred == entry.owner
                wrong += inferred not in {None, entry.owner}
    assert right > 1000
    assert wrong * 20 < right


@pytest.mark.chain
@pytest.mark.parametrize("name", recorded_files())
def test_normalize_agrees_with_the_chain(
    chain_dir: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every movement of every recorded transaction adds up, and little is left unexplained."""
    report = report_of(chain_dir / name)
    with capsys.disabled():
        print(f"\n{HEADING}\n{report.row()}")  # noqa: T201 - the share is asked for per file
    assert report.transactions > 0
    assert not report.findings, f"{summary(report.findings)}; first: {report.findings[:5]}"
    assert not report.unknown_excessive, f"{report.unknown_rows} of {report.signer_rows}"


@pytest.mark.chain
def test_encodings_of_one_signature_agree(chain_dir: Path) -> None:
    """A transaction recorded in several encodings normalizes to one and the same result."""
    by_signature: dict[str, list[Json]] = defaultdict(list)
    for name in recorded_files():
        for result in report_of(chain_dir / name).results:
            by_signature[result.get("signature", "")].append(result)
    repeated = {key: found for key, found in by_signature.items() if len(found) > 1}
    assert len(repeated) > 300
    for signature, found in repeated.items():
        for field in found[0]:
            values = [result[field] for result in found]
            if field in {"slot", "block_time", "tx_index"}:
                values = [value for value in values if value is not None]
            assert all(value == values[0] for value in values), f"{signature} {field}: {values}"
