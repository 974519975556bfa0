"""The recorded chain: every transaction with our result, judged by the independent checker."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tests.checker.bodies import read_lines
from tests.checker.recorded import chain_folder, recorded_files, report_of
from tests.checker.report import FileReport


def reports() -> dict[str, FileReport]:
    """Normalize every recorded file by the command line and judge it, in order of name."""
    folder = chain_folder()
    return {name: report_of(folder / name) for name in recorded_files()}


def transactions(name: str) -> list[bytes]:
    """Return the transactions of a file, each as one line of JSON, arrays and payloads opened."""
    path: Path = chain_folder() / name
    return [orjson.dumps(body) for line in read_lines(path) for body in _opened(orjson.loads(line))]


def _opened(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for item in value:
            yield from _opened(item)
    elif "payload" in value:
        yield from _opened(value["payload"])
    elif "result" in value:
        yield from _opened(value["result"])
    else:
        yield value
