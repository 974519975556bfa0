"""The command line: lines in, lines out, and what its exit code says."""

import io
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
import zstandard

from local.cli.normalize import normalize_command
from tests.unit.domain.transactions.building import SYSTEM_PROGRAM, Draft, key, send

ALICE, BOB = key("alice"), key("bob")


def sent(slot: int) -> dict[str, object]:
    """Give the body of a transfer in a slot."""
    draft = Draft(ALICE).lamports(ALICE, 10**12, 10**12 - 5_009).lamports(BOB, 0, 9)
    draft.call(SYSTEM_PROGRAM, [ALICE, BOB], send(9))
    return draft.body() | {"slot": slot}


def run(
    capfdbinary: pytest.CaptureFixture[bytes], *files: str
) -> tuple[int, list[dict[str, object]]]:
    """Run the command and give its exit code and lines."""
    code = normalize_command(list(files))
    return code, [orjson.loads(line) for line in capfdbinary.readouterr().out.splitlines()]


def test_lines_come_out_in_order(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Plain and compressed files are read one after the other, each line in its order."""
    plain, packed = tmp_path / "a.jsonl", tmp_path / "b.jsonl.zst"
    plain.write_bytes(orjson.dumps([sent(3), sent(1)]) + b"\n\n" + orjson.dumps(sent(2)))
    packed.write_bytes(zstandard.compress(orjson.dumps({"payload": [sent(9)]})))
    code, lines = run(capfdbinary, str(plain), str(packed))
    assert code == 0
    assert [line["slot"] for line in lines] == [3, 1, 2, 9]


def test_documented_shape(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """A line has the documented keys; raw amounts are decimal strings."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(orjson.dumps({"result": sent(3)}))
    _code, (line,) = run(capfdbinary, str(path))
    assert list(line) == [
        "signature",
        "slot",
        "tx_index",
        "block_time",
        "status",
        "fee_payer",
        "trades",
        "movements",
        "anomalies",
    ]
    assert line["movements"][1] == {  # type: ignore[index]  # JSON
        "owner": ALICE,
        "mint": "So11111111111111111111111111111111111111112",
        "delta_raw": "-9",
        "kind": "transfer",
        "counterparty": BOB,
    }


def test_bad_line_is_told_and_the_rest_goes_on(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A null, bad JSON or a body without meta is an error line with its number; exit 1."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'null\n{bad\n{"slot": 1}\n' + orjson.dumps(sent(4)))
    code, lines = run(capfdbinary, str(path))
    assert code == 1
    assert [line["line"] for line in lines[:3]] == [1, 2, 3]
    codes = [line["error"]["code"] for line in lines[:3]]  # type: ignore[index]  # JSON
    assert codes == ["null_result", "bad_json", "no_meta"]
    assert lines[3]["slot"] == 4


def test_missing_file_exits_two_after_the_others(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A file that cannot be read does not keep the others from being read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"null\n" + orjson.dumps(sent(4)))
    code, lines = run(capfdbinary, str(tmp_path / "none"), str(path))
    assert code == 2
    assert len(lines) == 2


def test_damaged_archive_exits_two(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A file that is no zstd is one that could not be read."""
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(b"not zstd at all")
    assert run(capfdbinary, str(path))[0] == 2


def test_dash_reads_standard_input(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A dash stands for standard input, which stays open."""
    source = io.BytesIO(orjson.dumps(sent(5)))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=source))
    code, (line,) = run(capfdbinary, "-")
    assert (code, line["slot"]) == (0, 5)
    assert not source.closed
