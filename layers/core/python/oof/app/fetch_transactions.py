"""Fetch bodies: by signature, each at most once, or by the page where that costs less."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import batched
from typing import Any, Final, NamedTuple

import orjson

from oof.app.run_documents import Missing, RunDocuments
from oof.domain.errors import NotInPlan
from oof.domain.listing import Listed
from oof.domain.units import Address, Signature
from oof.ports.upstream import MAX_PAGE_BODIES, Body, ChainSource

PAGE_PAYS_FROM: Final = 10
"""Missing bodies from which a page is cheaper: it costs 100 credits, one body 10."""
PART: Final = 100
"""Bodies in one object, hence in one store batch."""


class Fetched(NamedTuple):
    """What a fetch brought."""

    keys: tuple[str, ...]
    """Where the bodies lie, as JSON arrays."""
    bodies: int
    repeats: int
    """Bodies that came along in pages though they were stored already; dropped."""


def fetch_transactions(
    chain: ChainSource, documents: RunDocuments, wallet: Address, *, page: int, round_: int
) -> Fetched:
    """Fetch what the lease round left, and keep it as objects; running twice asks twice.

    What the provider does not have is left out: the next lease round finds it missing still.
    """
    missing = documents.missing(page, round_)
    indexes = {entry.signature: entry.tx_index for entry in missing.page_slots}
    bodies: dict[Signature, Body] = {}
    repeats = 0
    if chain.has_history_pages:
        with suppress(NotInPlan):
            bodies, repeats = _by_page(chain, wallet, missing)
    rest = [entry.signature for entry in missing.wanted if entry.signature not in bodies]
    bodies |= chain.transactions(rest) if rest else {}
    keys = []
    # Told final before the bodies were asked for: so is whatever they say of that slot and below.
    finalized_slot = max((e.slot for e in missing.page_slots if e.is_final), default=None)
    ordered = [(s.signature, bodies[s.signature]) for s in missing.wanted if s.signature in bodies]
    for part, rows in enumerate(batched(ordered, PART, strict=False)):
        texts = [_with_index(body, indexes.get(signature)) for signature, body in rows]
        keys.append(documents.put_bodies(page, round_, part, texts, finalized_slot))
    return Fetched(tuple(keys), len(bodies), repeats)


def _by_page(
    chain: ChainSource, wallet: Address, missing: Missing
) -> tuple[dict[Signature, Body], int]:
    wanted = {entry.signature for entry in missing.wanted}
    bodies: dict[Signature, Body] = {}
    repeats = 0
    for rows in _pages(missing.page_slots):
        if sum(entry.signature in wanted for entry in rows) < PAGE_PAYS_FROM:
            continue
        found = chain.bodies_between(wallet, first_slot=rows[-1].slot, last_slot=rows[0].slot)
        for body in found:
            signature = signature_of(body)
            if signature in wanted:
                bodies[signature] = body
            else:
                repeats += 1
    return bodies, repeats


def _pages(entries: Sequence[Listed]) -> Iterator[list[Listed]]:
    """Cut a page of listings, newest first, where bodies fit into pages of whole slots."""
    rows: list[Listed] = []
    for entry in entries:
        if len(rows) >= MAX_PAGE_BODIES and entry.slot != rows[-1].slot:
            yield rows
            rows = []
        rows.append(entry)
    if rows:
        yield rows


def signature_of(body: Body) -> Signature | None:
    """Return a body's first signature, None where it has none."""
    document = orjson.loads(body)
    signatures = _dig(document, "transaction", "signatures")
    return Signature(signatures[0]) if isinstance(signatures, list) and signatures else None


def _with_index(body: Body, tx_index: int | None) -> Body:
    """Give a body the place in its block that only the listing told."""
    if tx_index is None:
        return body
    document = orjson.loads(body)
    if document.get("transactionIndex") is not None:
        return body
    return orjson.dumps({**document, "transactionIndex": tx_index})


def _dig(document: Any, *names: str) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document
