import base64
import copy
import json
from pathlib import Path

import pytest

from tests.checker import base58_text
from tests.checker.bodies import Json, read_lines
from tests.checker.command import normalize


def _good_line(chain_dir: Path) -> str:
    return next(read_lines(chain_dir / "rpc" / "singles.jsonl.zst"))


@pytest.mark.chain
def test_bad_lines_are_named_and_the_rest_goes_on(chain_dir: Path, tmp_path: Path) -> None:
    """A null result, bad JSON or a body without meta is an error line; its neighbours are read."""
    good = _good_line(chain_dir)
    bare = json.dumps({"slot": 1, "transaction": json.loads(good)["transaction"]})
    lines = [good, '{"result": null}', "{not json", bare, f"[{good}, {good}]"]
    lines += ["", f'{{"result": {good}}}', f'{{"payload": [{good}]}}']
    source = tmp_path / "lines.jsonl"
    source.write_text("\n".join(lines) + "\n")
    run = normalize(source)
    assert run.exit_code == 1
    signature = json.loads(good)["transaction"]["signatures"][0]
    told = [line.get("signature") or line["line"] for line in run.lines]
    assert told == [signature, 2, 3, 4, signature, signature, signature, signature]
    for line in run.lines:
        if "error" in line:
            assert set(line) == {"error", "line"}
            assert set(line["error"]) == {"code", "detail"}
    assert run.lines[0] == run.lines[-1]


@pytest.mark.chain
def test_unreadable_file_does_not_stop_the_next(chain_dir: Path, tmp_path: Path) -> None:
    """A missing and a damaged file give exit code 2, and the readable one is still normalized."""
    damaged = tmp_path / "damaged.jsonl.zst"
    damaged.write_bytes(b"no zstd at all")
    good = tmp_path / "good.jsonl"
    good.write_text(_good_line(chain_dir))
    run = normalize(tmp_path / "absent.jsonl", damaged, good)
    assert run.exit_code == 2
    assert len(run.lines) == 1
    assert "signature" in run.lines[0]
    assert run.complaint


def _as_yellowstone(body: Json) -> Json | None:
    """Write a succeeded `json` body as a Yellowstone stream would, defaults left out."""
    body = copy.deepcopy(body)
    meta, message = body["meta"], body["transaction"]["message"]
    if not isinstance(message["accountKeys"][0], str) or meta.get("err", 0) is not None:
        return None
    del meta["err"]
    meta.pop("status", None)
    loaded = meta.pop("loadedAddresses", None) or {}
    meta["loadedWritableAddresses"] = loaded.get("writable", [])
    meta["loadedReadonlyAddresses"] = loaded.get("readonly", [])
    message["recentBlockhash"] = _base64(base58_text.decode(message["recentBlockhash"]))
    for instruction in message["instructions"]:
        _write_instruction(instruction)
    for group in meta.get("innerInstructions") or []:
        for instruction in group["instructions"]:
            instruction["accounts"] = _base64(bytes(instruction["accounts"]))
            _write_instruction(instruction)
        _drop_default(group, "index")
    for entry in (meta.get("preTokenBalances") or []) + (meta.get("postTokenBalances") or []):
        _drop_default(entry, "accountIndex")
    return body


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _write_instruction(instruction: Json) -> None:
    instruction["data"] = _base64(base58_text.decode(instruction["data"]))
    for field in ("accounts", "data", "programIdIndex"):
        _drop_default(instruction, field)


def _drop_default(holder: Json, field: str) -> None:
    if not holder.get(field):
        holder.pop(field, None)


@pytest.mark.chain
def test_yellowstone_encoding_changes_nothing(chain_dir: Path, tmp_path: Path) -> None:
    """Bodies written anew in the streaming encoding normalize to what they were in `json`."""
    pairs = []
    for name in ("rpc/singles.jsonl.zst", "rpc/blocks/361774429.jsonl.zst"):
        for line in read_lines(chain_dir / name):
            rewritten = _as_yellowstone(json.loads(line))
            if rewritten is not None:
                pairs.append((line, json.dumps(rewritten)))
    assert len(pairs) > 200
    plain, streamed = tmp_path / "plain.jsonl", tmp_path / "streamed.jsonl"
    plain.write_text("\n".join(first for first, _second in pairs))
    streamed.write_text("\n".join(second for _first, second in pairs))
    assert normalize(plain).lines == normalize(streamed).lines
