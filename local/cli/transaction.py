"""`./oof tx SIGNATURE|FILE`: transactions as pictures."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import orjson
import zstandard
from rich.console import Console

from local.cli.chain_rpc import ChainRpc, running_rpc
from local.cli.faults import CliFault
from local.cli.normalize import EXIT_LINES_ERRED, EXIT_OK, normalize_line, open_source
from local.cli.picture import draw_transaction, draw_unreadable
from oof.domain.transactions.base58 import decode_base58
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render, render_unreadable

_SIGNATURE_BYTES = 64
_SIGNATURE_LETTERS = 88
"""At most, in base58."""


class Found(NamedTuple):
    """One transaction of the input, and the line it stood in, from 1."""

    line: int
    result: NormalizedTransaction | Unreadable


def show_transactions(
    what: str, *, line: int | None, rpc: str | None, draw: Console | None, is_whole: bool
) -> int:
    """Draw every transaction of a file, or one by its signature; return the exit code.

    Without a console to draw on, what `./oof normalize` says is written instead. `line` chooses
    one line of a file. The code is 1 if any could not be read. Raises CliFault.
    """
    code = EXIT_OK
    for found in _find(what, line, rpc):
        if isinstance(found.result, Unreadable):
            code = EXIT_LINES_ERRED
        if draw is None:
            _write(found)
        elif isinstance(found.result, Unreadable):
            draw_unreadable(draw, found.result, found.line)
        else:
            draw_transaction(draw, found.result, is_whole=is_whole)
    sys.stdout.flush()
    return code


def _find(what: str, line: int | None, rpc: str | None) -> Iterator[Found]:
    if what == "-" or Path(what).exists():
        yield from _in_file(what, line)
    elif _is_signature(what):
        source = ChainRpc(rpc) if rpc is not None else running_rpc()
        yield Found(1, normalize(source.transaction(what)))
    else:
        raise CliFault(f"{what} is neither a file nor a transaction's signature")


def _is_signature(text: str) -> bool:
    try:
        return len(text) <= _SIGNATURE_LETTERS and len(decode_base58(text)) == _SIGNATURE_BYTES
    except ValueError:
        return False


def _in_file(name: str, line: int | None) -> Iterator[Found]:
    """Give the transactions of a file in order.

    Raises CliFault: it cannot be read, or it has nothing at that line.
    """
    is_empty = True
    try:
        with open_source(name) as source:
            for number, text in _documents(enumerate(source, 1)):
                if line is not None and number != line:
                    continue
                for result in normalize_line(text):
                    is_empty = False
                    yield Found(number, result)
                if line is not None:
                    break
    except (OSError, zstandard.ZstdError) as fault:
        raise CliFault(f"cannot read {name}: {fault}") from fault
    if is_empty:
        where = f"at line {line} of {name}" if line is not None else f"in {name}"
        raise CliFault(f"there is no transaction {where}")


def _documents(lines: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """Give each line that is not blank, or the whole where it is one document over many lines."""
    filled = ((number, text) for number, text in lines if text.strip())
    first = next(filled, None)
    if first is None:
        return
    if _is_json(first[1]):
        yield first
        yield from filled
        return
    kept = [first, *filled]
    whole = b"".join(text for _, text in kept)
    yield from [(first[0], whole)] if _is_json(whole) else kept


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _write(found: Found) -> None:
    if isinstance(found.result, Unreadable):
        rendered = render_unreadable(found.result, found.line)
    else:
        rendered = render(found.result)
    sys.stdout.buffer.write(orjson.dumps(rendered, option=orjson.OPT_APPEND_NEWLINE))
