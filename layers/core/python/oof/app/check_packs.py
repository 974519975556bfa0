"""Read packs whole and see that every pointer into them still leads to its body."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from oof.app.merge_packs import KeepDeps
from oof.domain.errors import NotFound
from oof.domain.packs import PackDictionary, decode_frame, dictionary_id_of, key_of
from oof.domain.transactions.model import Unreadable
from oof.domain.transactions.normalize import normalize
from oof.ports.packs import BodyPointer, StoredPack

_AGAIN_AFTER: Final = timedelta(days=7)
_PAGE: Final = 100
_SHOWN: Final = 20


class CheckReport(NamedTuple):
    """What checking found."""

    packs: int
    bodies: int
    broken: int
    """Packs that have a fault by their last check, whenever that was."""
    faults: tuple[str, ...]
    """The first few found today, each with its object."""


def check_packs(deps: KeepDeps) -> CheckReport:
    """Check packs that were not checked for a week, those never checked first."""
    before = deps.clock.now() - _AGAIN_AFTER
    packs = bodies = 0
    faults: list[str] = []
    while deps.has_time():
        due = deps.packs.due_checks(before=before, limit=_PAGE)
        for pack in due:
            pointers = deps.packs.pointers([pack])
            fault = fault_of(pack, pointers, deps)
            deps.packs.note_check(pack.pack_id, fault, at=deps.clock.now())
            packs += 1
            bodies += len(pointers)
            if fault is not None:
                faults.append(f"{pack.object_key}: {fault}")
            if not deps.has_time():
                break
        if len(due) < _PAGE:
            break
    return CheckReport(packs, bodies, deps.packs.broken(), tuple(faults[:_SHOWN]))


def fault_of(pack: StoredPack, pointers: Sequence[BodyPointer], deps: KeepDeps) -> str | None:
    """Return what is wrong with a pack, None where every pointer leads to its body."""
    try:
        content = deps.blobs.get(pack.object_key)
    except NotFound:
        return "the object is missing"
    if key_of(content) != pack.object_key:
        return "the object is not what its key is the checksum of"
    if dictionary_id_of(content) != pack.dictionary_id:
        return "the object names another dictionary"
    try:
        dictionary = deps.dictionary_named(pack.dictionary_id)
    except NotFound:
        return "its dictionary is missing"
    return next(_faults(content, pointers, dictionary), None)


def _faults(
    content: bytes, pointers: Sequence[BodyPointer], dictionary: PackDictionary
) -> Iterator[str]:
    for pointer in pointers:
        frame = content[pointer.offset : pointer.offset + pointer.length]
        try:
            body = decode_frame(frame, dictionary)
        except ValueError:
            yield f"no body at the place of {pointer.signature}"
            continue
        read = normalize(body)
        if isinstance(read, Unreadable) or read.signature != pointer.signature:
            yield f"another body at the place of {pointer.signature}"
