"""Log lines of a transaction, as records.

A program's lines stand between its `invoke` and its `success` or `failed`, so only `invoke` says
which program it is; and that one follows mostly from the instructions. What a program consumed
follows, but for its own work, from what was left before and after those it called.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from oof.domain.lean_columns import (
    LOGS,
    TEXT,
    UNITS,
    Column,
    ColumnReader,
    KeysReader,
    KeysWriter,
)
from oof.domain.lean_data import DataReader, DataWriter

(
    _LINE,
    _INVOKE,
    _INVOKE_OTHER,
    _SUCCESS,
    _FAILED,
    _CONSUMED,
    _LOG,
    _LOG_KEY,
    _DATA,
    _RETURN,
) = range(10)
_PREFIX: Final = "Program "
_LOG_PREFIX: Final = "Program log: "
_DATA_PREFIX: Final = "Program data: "
_RETURN_PREFIX: Final = "Program return: "
_PROGRAM_LINE: Final = re.compile(
    "Program ([1-9A-HJ-NP-Za-km-z]{32,44}) "
    r"(?:(success)|invoke \[(\d+)\]|consumed (\d+) of (\d+) compute units|failed: (.*))"
).fullmatch


def invocations(
    outer: Iterable[Any], inner: Iterable[Mapping[str, Any]], accounts: Sequence[str]
) -> list[str]:
    """List the programs that the instructions call, in order; nothing if they are malformed."""
    try:
        within = {group["index"]: group["instructions"] for group in inner}
        return [
            each["programId"] if "programId" in each else accounts[each["programIdIndex"]]
            for place, call in enumerate(outer)
            for each in (call, *within.get(place, ()))
        ]
    except (KeyError, TypeError, IndexError):
        return []


class _Call(NamedTuple):
    """A program that runs; `left` were the compute units when it was called."""

    program: str
    left: int


class _Trace:
    """What is known before each line."""

    def __init__(self, expected: Sequence[str]) -> None:
        self._expected = expected
        self._next = 0
        self.calls: list[_Call] = []
        self.left = 0

    def expected(self) -> str | None:
        return self._expected[self._next] if self._next < len(self._expected) else None

    def enter(self, program: str) -> None:
        self.calls.append(_Call(program, self.left))
        with suppress(ValueError):  # not among the instructions: those that are stay expected
            self._next = self._expected.index(program, self._next) + 1

    def called_others(self) -> bool:
        return self.left != self.calls[-1].left


def write_logs(
    lines: Sequence[str],
    expected: Sequence[str],
    columns: Sequence[Column],
    keys: KeysWriter,
    data: DataWriter,
) -> None:
    """Write all lines. Raises AttributeError or TypeError where one is no text."""
    _LogWriter(expected, columns, keys, data).write(lines)


class _LogWriter:
    def __init__(
        self,
        expected: Sequence[str],
        columns: Sequence[Column],
        keys: KeysWriter,
        data: DataWriter,
    ) -> None:
        self._trace = _Trace(expected)
        self._kinds = columns[LOGS]
        self._text = columns[TEXT]
        self._units = columns[UNITS]
        self._keys = keys
        self._data = data

    def write(self, lines: Sequence[str]) -> None:
        self._kinds.varint(len(lines))
        for line in lines:
            if line.startswith(_LOG_PREFIX):
                self._write_log(line[len(_LOG_PREFIX) :])
            elif not (self._write_program(line) or self._write_bytes(line)):
                self._kinds.append(_LINE)
                self._text.text(line)

    def _write_log(self, message: str) -> None:
        if message in self._keys.codes:
            self._kinds.append(_LOG_KEY)
            self._keys.write(message)
        else:
            self._kinds.append(_LOG)
            self._text.text(message)

    def _write_program(self, line: str) -> bool:
        found = _PROGRAM_LINE(line)
        if found is None:
            return False
        program, success, depth, used, limit, reason = found.groups()
        calls = self._trace.calls
        if depth is not None:
            return int(depth) == len(calls) + 1 and self._write_invoke(program)
        if not calls or calls[-1].program != program:
            return False
        if used is not None:
            self._write_consumed(int(used), int(limit))
            return True
        calls.pop()
        self._kinds.append(_SUCCESS if success else _FAILED)
        if not success:
            self._text.text(reason)
        return True

    def _write_invoke(self, program: str) -> bool:
        if program == self._trace.expected():
            self._kinds.append(_INVOKE)
        elif self._keys.write(program):
            self._kinds.append(_INVOKE_OTHER)
        else:
            return False
        self._trace.enter(program)
        return True

    def _write_consumed(self, used: int, limit: int) -> None:
        trace = self._trace
        self._kinds.append(_CONSUMED)
        self._units.signed(trace.calls[-1].left - limit)
        if trace.called_others():
            self._units.signed(trace.left - (limit - used))
        else:
            self._units.varint(used)
        trace.left = limit - used

    def _write_bytes(self, line: str) -> bool:
        kind, prefix = _DATA, _DATA_PREFIX
        if self._trace.calls and not line.startswith(prefix):
            kind, prefix = _RETURN, f"{_RETURN_PREFIX}{self._trace.calls[-1].program} "
        if not line.startswith(prefix):
            return False
        try:
            content = base64.b64decode(line[len(prefix) :], validate=True)
        except binascii.Error:
            return False
        if base64.b64encode(content).decode() != line[len(prefix) :]:
            return False
        self._kinds.append(kind)
        self._data.write(content)
        return True


def read_logs(
    expected: Sequence[str],
    columns: Sequence[ColumnReader],
    keys: KeysReader,
    data: DataReader,
) -> list[str]:
    """Undo `write_logs`. Raises ValueError or IndexError where it wrote no such thing."""
    reader = _LogReader(expected, columns, keys, data)
    return [reader.read() for _ in range(columns[LOGS].varint())]


class _LogReader:
    def __init__(
        self,
        expected: Sequence[str],
        columns: Sequence[ColumnReader],
        keys: KeysReader,
        data: DataReader,
    ) -> None:
        self._trace = _Trace(expected)
        self._kinds = columns[LOGS]
        self._text = columns[TEXT]
        self._units = columns[UNITS]
        self._keys = keys
        self._data = data

    def read(self) -> str:
        kind = self._kinds.byte()
        if kind == _LINE:
            return self._text.text()
        if kind == _LOG:
            return _LOG_PREFIX + self._text.text()
        if kind == _LOG_KEY:
            return _LOG_PREFIX + self._keys.read()
        if kind == _DATA:
            return _DATA_PREFIX + base64.b64encode(self._data.read()).decode()
        if kind in (_INVOKE, _INVOKE_OTHER):
            return self._read_invoke(kind)
        return self._read_of_program(kind)

    def _read_invoke(self, kind: int) -> str:
        program = self._trace.expected() if kind == _INVOKE else self._keys.read()
        if program is None:
            raise ValueError("a program is called that no instruction names")
        self._trace.enter(program)
        return f"{_PREFIX}{program} invoke [{len(self._trace.calls)}]"

    def _read_of_program(self, kind: int) -> str:
        program = self._trace.calls[-1].program
        if kind == _CONSUMED:
            return f"{_PREFIX}{program} {self._read_consumed()}"
        if kind == _RETURN:
            content = base64.b64encode(self._data.read()).decode()
            return f"{_RETURN_PREFIX}{program} {content}"
        self._trace.calls.pop()
        ending = "success" if kind == _SUCCESS else f"failed: {self._text.text()}"
        return f"{_PREFIX}{program} {ending}"

    def _read_consumed(self) -> str:
        trace = self._trace
        limit = trace.calls[-1].left - self._units.signed()
        if trace.called_others():
            used = limit - (trace.left - self._units.signed())
        else:
            used = self._units.varint()
        trace.left = limit - used
        return f"consumed {used} of {limit} compute units"
