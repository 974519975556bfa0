"""Copy the bodies of many small packs into a large one, so that a body costs less to keep.

A store batch is one pack, and a webhook brings few bodies at once. Frames are copied as they are
where they were written with the current dictionary, and written anew where they were not. Nothing
is lost at any point: the new pack is put first, then pointers move in one transaction, and what
became empty is deleted a day later, by when nobody still reads by an old pointer. A pack that
holds bytes no pointer explains is kept for ever.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile
from typing import Final, NamedTuple

from oof.domain.errors import NotFound
from oof.domain.packs import (
    Pack,
    PackDictionary,
    assemble,
    decode_frame,
    encode_frame,
    header,
    key_of,
)
from oof.domain.units import Signature
from oof.ports.blobs import Blobs
from oof.ports.facts import PackRecord
from oof.ports.packs import BodyPointer, Move, PackStore, StoredPack, Superseded
from oof.ports.system import Clock

SMALL_BYTES: Final = 1_000_000
"""Smaller packs are worth merging."""
TARGET_BYTES: Final = 8_000_000
"""About how large a merged pack gets; all of it is in memory at once."""
WORTHWHILE: Final = 8
"""Fewer packs than this wait for more, or every night would write the same bytes again."""
_SETTLED: Final = timedelta(hours=1)
_GRACE: Final = timedelta(days=1)
_PAGE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDeps:
    """What keeping packs needs. `has_time` turns False when the work should end for today."""

    packs: PackStore
    blobs: Blobs
    clock: Clock
    dictionary: PackDictionary
    dictionary_named: Callable[[str], PackDictionary]
    has_time: Callable[[], bool]


class MergeReport(NamedTuple):
    """What merging did."""

    merged: int
    """Small packs that went into larger ones."""
    written: int
    bodies: int
    deleted: int


class _Gathered(NamedTuple):
    """The bodies of some packs, encoded as the new pack has them."""

    frames: list[tuple[BodyPointer, bytes]]
    emptied: list[Superseded]


def merge_packs(deps: KeepDeps) -> MergeReport:
    """Merge small packs until none are left that are worth it, and delete those long superseded.

    Raises `StoreUnavailable` or `Conflict`: what was merged stays merged; go on later.
    """
    before = deps.clock.now() - _SETTLED
    merged = written = bodies = 0
    is_done = False
    while not is_done and deps.has_time():
        is_done = True
        small = deps.packs.small(below_bytes=SMALL_BYTES, before=before, limit=_PAGE)
        for group in takewhile(lambda _: deps.has_time(), groups(small)):
            gathered = _gather(group, deps)
            for frames in _apart(gathered.frames):
                bodies += _write(frames, gathered.emptied, group, deps)
                written += 1
                is_done = False
            merged += len(gathered.emptied)
    return MergeReport(merged, written, bodies, _delete_superseded(deps))


def groups(small: Sequence[StoredPack]) -> Iterator[list[StoredPack]]:
    """Part packs, in their order, into groups that are worth merging."""
    group: list[StoredPack] = []
    size = 0
    for pack in small:
        group.append(pack)
        size += pack.bytes
        if size >= TARGET_BYTES:
            yield group
            group, size = [], 0
    if len(group) >= WORTHWHILE:
        yield group


def _gather(group: Sequence[StoredPack], deps: KeepDeps) -> _Gathered:
    """Read the packs whole; one that is not what its key says is left for the check to report."""
    by_pack: Mapping[int, list[BodyPointer]] = defaultdict(list)
    for pointer in deps.packs.pointers(group):
        by_pack[pointer.pack_id].append(pointer)
    gathered = _Gathered([], [])
    for pack in group:
        content = _read(pack, deps.blobs)
        if content is None:
            continue
        pointers = by_pack.get(pack.pack_id, [])
        encode = _encoder(pack.dictionary_id, deps)
        try:
            frames = [(p, encode(content[p.offset : p.offset + p.length])) for p in pointers]
        except ValueError:
            continue
        gathered.frames.extend(frames)
        gathered.emptied.append(Superseded(pack.pack_id, _is_whole(pack, content, pointers)))
    return gathered


def _read(pack: StoredPack, blobs: Blobs) -> bytes | None:
    try:
        content = blobs.get(pack.object_key)
    except NotFound:
        return None
    return content if key_of(content) == pack.object_key else None


def _encoder(dictionary_id: str, deps: KeepDeps) -> Callable[[bytes], bytes]:
    if dictionary_id == deps.dictionary.dictionary_id:
        return bytes
    before = deps.dictionary_named(dictionary_id)
    return lambda frame: encode_frame(decode_frame(frame, before), deps.dictionary)


def _is_whole(pack: StoredPack, content: bytes, pointers: Sequence[BodyPointer]) -> bool:
    """Whether the pointers, by offset, explain every byte behind the object's beginning."""
    end = len(header(pack.dictionary_id))
    for pointer in pointers:
        if pointer.offset != end:
            return False
        end += pointer.length
    return end == len(content)


def _apart(
    frames: Sequence[tuple[BodyPointer, bytes]],
) -> Iterator[list[tuple[BodyPointer, bytes]]]:
    """Keep odd bodies apart: they stay warm, and would keep all others warm."""
    for is_odd in (False, True):
        chosen = [each for each in frames if each[0].is_odd == is_odd]
        if chosen:
            yield chosen


def _write(
    frames: Sequence[tuple[BodyPointer, bytes]],
    emptied: Sequence[Superseded],
    group: Sequence[StoredPack],
    deps: KeepDeps,
) -> int:
    named: list[tuple[Signature, bytes]] = [(p.signature, frame) for p, frame in frames]
    pack: Pack = assemble(named, deps.dictionary.dictionary_id)
    deps.blobs.put(pack.object_key, pack.body)
    record = PackRecord(pack.object_key, pack.dictionary_id, len(pack.frames), len(pack.body))
    moves = [
        Move(pointer.tx_id, pointer.pack_id, placed.offset, placed.length)
        for (pointer, _), placed in zip(frames, pack.frames, strict=True)
    ]
    return deps.packs.repoint(
        record,
        moves,
        emptied,
        stored_at=max(each.stored_at for each in group),
        at=deps.clock.now(),
    )


def _delete_superseded(deps: KeepDeps) -> int:
    deleted = 0
    due = deps.packs.superseded(before=deps.clock.now() - _GRACE, limit=_PAGE)
    for pack in due:
        if not deps.has_time():
            break
        if deps.packs.forget(pack.pack_id):
            deps.blobs.delete(pack.object_key)
            deleted += 1
    return deleted
