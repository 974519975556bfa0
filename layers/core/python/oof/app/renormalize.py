"""Read stored bodies with a newer normalizer, and replace what it reads otherwise.

Bodies come from the packs; nobody is asked for them again. Batch by batch, each one database
transaction that also moves the cursor: cut off anywhere, the next call goes on from there, and two
at once do the same work without harm. A wallet whose facts changed is queued and woken; its ledger
gets `revise` rows, and its fold is built anew once for all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from oof.domain.errors import NotFound
from oof.domain.packs import PackDictionary, decode_frame
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.ports.blobs import Blobs
from oof.ports.facts import FactStore
from oof.ports.queues import WalletWaker
from oof.ports.rewriting import Renormalization, Rewrite, StoredBody
from oof.ports.system import Clock, NewId

BATCH: Final = 200
"""Transactions of one database transaction."""
LONGEST_READ: Final = 4_000_000
"""Bytes of a pack read at once: frames further apart are read apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenormalizeDeps:
    """What reading anew needs."""

    facts: FactStore
    blobs: Blobs
    waker: WalletWaker
    clock: Clock
    new_id: NewId
    dictionary_named: Callable[[str], PackDictionary]
    normalize: Callable[[Any], NormalizedTransaction | Unreadable]
    version: int
    """Of that normalizer."""


def renormalize(
    deps: RenormalizeDeps, *, has_time: Callable[[], bool], is_again: bool = False
) -> Renormalization:
    """Go on reading bodies while there is time; return how far it is.

    Ended, it does nothing more unless it is to look again from the beginning. Raises
    `StoreUnavailable` or `Conflict`: call again.
    """
    state = deps.facts.renormalization(deps.version)
    if is_again and state.is_ended:
        state = state._replace(after_tx=0, is_ended=False)
    while not state.is_ended and has_time():
        state = _next_batch(state, deps)
    return state


def _next_batch(state: Renormalization, deps: RenormalizeDeps) -> Renormalization:
    bodies = deps.facts.stale_bodies(deps.version, after=state.after_tx, limit=BATCH)
    rewrites = list(_read(bodies, deps))
    at = deps.clock.now()
    with deps.facts.transaction() as transaction:
        report = transaction.rewrite(rewrites, version=deps.version, at=at)
        state = state._replace(
            after_tx=bodies[-1].tx_id if bodies else max(state.after_tx, state.last_tx),
            seen=state.seen + len(bodies),
            rewritten=state.rewritten + report.changed,
            failed=state.failed + len(bodies) - len(rewrites),
            is_ended=len(bodies) < BATCH,
        )
        transaction.note_renormalization(state, at=at)
    if report.woken:
        deps.waker.wake(report.woken, batch=deps.new_id())
    return state


def _read(bodies: Sequence[StoredBody], deps: RenormalizeDeps) -> Iterator[Rewrite]:
    ordered = sorted(bodies, key=lambda each: (each.object_key, each.offset))
    for key, of_pack in groupby(ordered, key=lambda each: each.object_key):
        for run in _runs(of_pack):
            yield from _read_run(key, run, deps)


def _runs(bodies: Iterable[StoredBody]) -> Iterator[list[StoredBody]]:
    """Cut a pack's bodies, by offset, into stretches that are read at once."""
    run: list[StoredBody] = []
    for body in bodies:
        if run and body.offset + body.length - run[0].offset > LONGEST_READ:
            yield run
            run = []
        run.append(body)
    if run:
        yield run


def _read_run(key: str, run: list[StoredBody], deps: RenormalizeDeps) -> Iterator[Rewrite]:
    start = run[0].offset
    end = max(body.offset + body.length for body in run)
    try:
        content = deps.blobs.get_range(key, offset=start, length=end - start)
    except NotFound:
        return
    for body in run:
        frame = content[body.offset - start : body.offset - start + body.length]
        try:
            raw = decode_frame(frame, deps.dictionary_named(body.dictionary_id))
        except (ValueError, NotFound):
            continue
        told = deps.normalize(raw)
        if not isinstance(told, Unreadable) and told.slot in {None, body.slot}:
            yield Rewrite(body.tx_id, told._replace(slot=body.slot))
