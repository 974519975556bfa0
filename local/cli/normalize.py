"""`./oof normalize FILE…`: raw transactions in, one JSON line a transaction out."""

import io
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO

import orjson
import zstandard

from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.enhanced import normalize_enhanced
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render, render_unreadable

EXIT_OK = 0
EXIT_LINES_ERRED = 1
EXIT_FILE_UNREADABLE = 2


def normalize_command(files: list[str]) -> int:
    """Normalize JSON lines of `files` (plain, `.zst`, or `-`) to standard output, in order.

    A line may be a bare result, `{"result": …}`, an array, or `{"payload": […]}`. One that cannot
    be read becomes `{"error": {code, detail}, "line": n}`, and the rest goes on. Returns the exit
    code: 1 if any line erred, 2 if a file could not be read.
    """
    exit_code = EXIT_OK
    for name in files:
        try:
            with open_source(name) as source:
                if not _normalize_lines(source):
                    exit_code = max(exit_code, EXIT_LINES_ERRED)
        except BrokenPipeError:
            raise  # whoever reads our output has enough; the entry ends without a word
        except (OSError, zstandard.ZstdError) as fault:
            sys.stdout.flush()
            sys.stderr.write(f"oof: cannot read {name}: {fault}\n")
            exit_code = EXIT_FILE_UNREADABLE
    sys.stdout.flush()
    return exit_code


def open_source(name: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file, plain or `.zst`; `-` is standard input. Raises OSError."""
    if name == "-":
        return nullcontext(sys.stdin.buffer)
    if not name.endswith(".zst"):
        return Path(name).open("rb")
    reader = zstandard.ZstdDecompressor().stream_reader(
        Path(name).open("rb"),  # noqa: SIM115 - the reader closes it
        read_across_frames=True,
    )
    return io.BufferedReader(reader, 1 << 20)


def _normalize_lines(source: IO[bytes]) -> bool:
    """Write a line for each transaction of `source`; tell whether all could be read."""
    write = sys.stdout.buffer.write
    is_clean = True
    for number, line in enumerate(source, 1):
        if not line.strip():
            continue
        for found in normalize_line(line):
            if isinstance(found, Unreadable):
                is_clean = False
                rendered = render_unreadable(found, number)
            else:
                rendered = render(found)
            write(orjson.dumps(rendered, option=orjson.OPT_APPEND_NEWLINE))
    return is_clean


def normalize_line(line: bytes) -> Iterator[NormalizedTransaction | Unreadable]:
    """Give the transactions of one document in order, whichever form they came in."""
    for body in read_bodies(line):
        if isinstance(body, Unreadable):
            yield body
        elif isinstance(body, dict) and "accountData" in body and "meta" not in body:
            yield normalize_enhanced(body)
        else:
            yield normalize(body)
