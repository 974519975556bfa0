"""What the readers ask Postgres, statement by statement, and how it is answered."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, Self

import psycopg
from psycopg.abc import Params, Query

from oof.adapters.postgres.connection import Database

SMALL: Final = frozenset({"database_epoch"})
"""Tables of one row: reading them whole is reading that row."""
_AS_IF_LARGE: Final = """
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off
"""
_FEW_BLOCKS: Final = 200
"""Rows that a scan may look at before it counts as having read a table whole."""
_SCANNED: Final = ("Rows Removed by Filter", "Rows Removed by Index Recheck")


class Asked(NamedTuple):
    """One statement as it was asked."""

    query: Query
    params: Params | None


class Plan(NamedTuple):
    """How a statement was answered."""

    scanned: frozenset[str]
    """Tables that were read from end to end, other than `SMALL` ones."""
    touched: int
    """Rows that were looked at, wherever they lie, whether they matched or not."""
    text: str


class RecordingDatabase(Database):
    """Hands out transactions, and keeps what is asked in them."""

    def __init__(self, dsn: str) -> None:
        super().__init__(lambda: dsn)
        self._dsn_text = dsn
        self.asked: list[Asked] = []
        self.waited_s = 0.0
        """Until statements were answered, all of them together."""

    def _open(self) -> psycopg.Connection[tuple[Any, ...]]:
        connection = super()._open()
        connection.cursor_factory = _cursor_class(self)
        return connection

    def backend(self) -> int:
        """Return the process that answers on the server's side."""
        return self._open().info.backend_pid

    def note(self, asked: Asked, seconds: float) -> None:
        """Keep that a statement was answered, after so long."""
        self.asked.append(asked)
        self.waited_s += seconds

    def during(self, work: Callable[[], object]) -> list[Asked]:
        """Return what is asked while the work is done."""
        self.asked.clear()
        work()
        return list(self.asked)

    def explain(self, asked: Asked, *, by_cost: bool) -> Plan:
        """Answer a statement once more, and return how that was done.

        By cost, as the planner chooses: it reads tables that fit into a few blocks as a whole, and
        rightly so. Else as it would if every table were large: only what an index leads to.
        """
        with psycopg.connect(self._dsn_text) as connection:
            cursor = psycopg.ClientCursor(connection)
            if not by_cost:
                cursor.execute(_AS_IF_LARGE)
            text = cursor.mogrify(asked.query, asked.params)
            row = cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {text}".encode()).fetchone()
            connection.rollback()
        told = row[0] if row else []
        (whole,) = told if isinstance(told, list) else json.loads(told)
        least = _FEW_BLOCKS if by_cost else 0
        return plan_of(whole["Plan"], " ".join(text.split()), least=least)


def plan_of(root: Mapping[str, Any], text: str, *, least: int = 0) -> Plan:
    """Sum a plan up as Postgres tells it with `FORMAT JSON`.

    Tables in which a scan found fewer than `least` rows do not count as read whole.
    """
    reads = [node for node in _nodes(root) if "Relation Name" in node and node["Actual Loops"]]
    scanned = {
        node["Relation Name"]
        for node in reads
        if node["Node Type"] == "Seq Scan" and _looked_at(node) >= least
    }
    touched = sum(_looked_at(node) * node["Actual Loops"] for node in reads)
    return Plan(frozenset(scanned - SMALL), round(touched), text)


def _looked_at(node: Mapping[str, Any]) -> float:
    """Return the rows of one loop, those that were thrown away included."""
    return float(node["Actual Rows"] + sum(node.get(name, 0) for name in _SCANNED))


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


def _cursor_class(database: RecordingDatabase) -> type[psycopg.Cursor[Any]]:
    """Return a cursor that notes what it is asked."""

    class Recorded(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Params | None = None, **options: Any) -> Self:
            begun = time.perf_counter()
            super().execute(query, params, **options)
            database.note(Asked(query, params), time.perf_counter() - begun)
            return self

    return Recorded
