"""What steps hand on through the object store: cursors, pages, missing signatures, bodies.

Keys carry the run and the page, and a document is a pure function of what came before it, so a
step that runs twice writes the same object twice.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import orjson

from oof.domain.backfill import Cursor, Mode, Page, Phase
from oof.domain.listing import Listed, Source
from oof.domain.units import Address, Signature, Slot
from oof.ports.blobs import Blobs
from oof.ports.upstream import Body


class TakenPage(NamedTuple):
    """A page, and the cursor after it was taken."""

    cursor: Cursor
    page: Page


class Missing(NamedTuple):
    """What a run has leased and shall fetch of a page."""

    wanted: tuple[Listed, ...]
    page_slots: tuple[Listed, ...]
    """The whole page, so that the fetch can tell where reading pages costs less."""


class RunDocuments:
    """The documents of one run."""

    def __init__(self, blobs: Blobs, run_id: str) -> None:
        self._blobs = blobs
        self._folder = f"runs/{run_id}"

    def put_cursor(self, cursor: Cursor) -> None:
        """Keep the cursor from which the next page is taken."""
        self._put(f"{cursor.page:05}/cursor.json", cursor_to_json(cursor))

    def cursor(self, page: int) -> Cursor:
        """Return the cursor before `page`. Raises `NotFound`."""
        return cursor_from_json(self._get(f"{page:05}/cursor.json"))

    def put_page(self, number: int, taken: TakenPage) -> None:
        """Keep a page with the cursor after it."""
        page = taken.page._asdict()
        self._put(f"{number:05}/page.json", {"cursor": cursor_to_json(taken.cursor), "page": page})

    def page(self, number: int) -> TakenPage:
        """Return a page with the cursor after it. Raises `NotFound`."""
        document = self._get(f"{number:05}/page.json")
        page = Page(**{**document["page"], "entries": _listed(document["page"]["entries"])})
        return TakenPage(cursor_from_json(document["cursor"]), page)

    def put_missing(self, number: int, lease_round: int, missing: Missing) -> None:
        """Keep what a lease round left to fetch."""
        self._put(f"{number:05}/missing-{lease_round}.json", missing._asdict())

    def missing(self, number: int, lease_round: int) -> Missing:
        """Return what a lease round left to fetch. Raises `NotFound`."""
        document = self._get(f"{number:05}/missing-{lease_round}.json")
        return Missing(_listed(document["wanted"]), _listed(document["page_slots"]))

    def put_bodies(
        self,
        number: int,
        lease_round: int,
        part: int,
        bodies: Sequence[Body],
        finalized_slot: Slot | None = None,
    ) -> str:
        """Keep bodies, and what was final before they were asked for; return the key."""
        key = f"{self._folder}/{number:05}/bodies-{lease_round}-{part:03}.json"
        text = array_of(bodies)
        if finalized_slot is not None:
            text = b'{"finalizedSlot":%d,"data":%b}' % (finalized_slot, text)
        self._blobs.put(key, text)
        return key

    def _put(self, name: str, document: Any) -> None:
        self._blobs.put(f"{self._folder}/{name}", orjson.dumps(document, default=tuple))

    def _get(self, name: str) -> Any:
        return orjson.loads(self._blobs.get(f"{self._folder}/{name}"))


def array_of(bodies: Sequence[Body]) -> bytes:
    """Return bodies as the JSON text of one array."""
    return b"[" + b",".join(bodies) + b"]"


def cursor_to_json(cursor: Cursor) -> dict[str, Any]:
    """Return the cursor as plain JSON values."""
    return asdict(cursor)


def cursor_from_json(document: dict[str, Any]) -> Cursor:
    """Return the cursor that `cursor_to_json` wrote."""
    sources = [_source(row) for row in document["sources"]]
    top = document["top"]
    return Cursor(
        **{
            **document,
            "wallet": Address(document["wallet"]),
            "mode": Mode(document["mode"]),
            "phase": Phase(document["phase"]),
            "sources": sources,
            "top": None if top is None else Listed(*top),
            "retries": [Signature(s) for s in document["retries"]],
        }
    )


def _source(row: dict[str, Any]) -> Source:
    """Return a source as it was written; its constructor would bound it anew."""
    source = Source(address=Address(row["address"]), is_wallet=row["is_wallet"])
    for name, value in row.items():
        setattr(source, name, value)
    source.buffer = list(_listed(row["buffer"]))
    return source


def _listed(rows: Sequence[Sequence[Any]]) -> tuple[Listed, ...]:
    return tuple(Listed(*row) for row in rows)
