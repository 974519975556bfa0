"""Train a dictionary on stored bodies, and use it from now on where it is clearly better.

Dictionaries are objects that are never changed or deleted: each pack names its own. The current
one is named in one small object, which writers of packs read when they start.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, NamedTuple

from oof.app.merge_packs import KeepDeps
from oof.domain.errors import NotFound
from oof.domain.packs import PackDictionary, decode_frame, encode_frame, train_dictionary
from oof.domain.units import Signature
from oof.ports.blobs import Blobs
from oof.ports.packs import StoredPack

CURRENT_KEY: Final = "dictionaries/current"
MAX_BYTES: Final = 112 * 1024
LEAST_BODIES: Final = 500
"""Fewer say little about those to come."""
MOST_BODIES: Final = 3_000
MOST_PACKS: Final = 200
_HELD_OUT_PERCENT: Final = 30
_BETTER_PERCENT: Final = 3


class TrainReport(NamedTuple):
    """How a trained dictionary did on bodies that it was not trained on, in bytes."""

    bodies: int
    bytes_now: int
    bytes_trained: int
    adopted: str | None
    """The id of the new dictionary, None where the current one stays."""


def train_on_stored(deps: KeepDeps) -> TrainReport:
    """Train on a sample of stored bodies; adopt what saves 3 % or more on bodies held out."""
    sample = _sample(deps)
    if len(sample) < LEAST_BODIES:
        return TrainReport(len(sample), 0, 0, None)
    held_out = [body for signature, body in sample.items() if _is_held_out(signature)]
    trained_on = [body for signature, body in sample.items() if not _is_held_out(signature)]
    trained = train_dictionary(trained_on, max_bytes=MAX_BYTES)
    now, then = _bytes(held_out, deps.dictionary), _bytes(held_out, trained)
    is_better = then * 100 <= now * (100 - _BETTER_PERCENT)
    if is_better:
        deps.blobs.put(dictionary_key(trained.dictionary_id), trained.content)
        deps.blobs.put(CURRENT_KEY, trained.dictionary_id.encode())
    return TrainReport(len(sample), now, then, trained.dictionary_id if is_better else None)


def dictionary_key(dictionary_id: str) -> str:
    """Return where a dictionary lies."""
    return f"dictionaries/{dictionary_id}.zdict"


def read_dictionary(dictionary_id: str, blobs: Blobs) -> PackDictionary:
    """Return a trained dictionary. Raises `NotFound`, `StoreUnavailable`."""
    return PackDictionary(dictionary_id, blobs.get(dictionary_key(dictionary_id)))


def current_id(blobs: Blobs) -> str | None:
    """Return the id of the dictionary adopted last, None where none was yet."""
    try:
        return blobs.get(CURRENT_KEY).decode()
    except NotFound:
        return None


def _sample(deps: KeepDeps) -> dict[Signature, Any]:
    """Bodies of packs spread over all that is stored, the same number of each at most."""
    packs = deps.packs.spread(limit=MOST_PACKS)
    each = max(MOST_BODIES // max(len(packs), 1), 1)
    sample: dict[Signature, Any] = {}
    for pack in packs:
        if not deps.has_time():
            break
        sample.update(_some(pack, each, deps))
    return sample


def _some(pack: StoredPack, limit: int, deps: KeepDeps) -> dict[Signature, Any]:
    pointers = deps.packs.pointers([pack])
    chosen = pointers[:: max(len(pointers) // limit, 1)][:limit]
    try:
        content = deps.blobs.get(pack.object_key)
        dictionary = deps.dictionary_named(pack.dictionary_id)
        return {
            p.signature: decode_frame(content[p.offset : p.offset + p.length], dictionary)
            for p in chosen
        }
    except (NotFound, ValueError):
        return {}  # the check reports it


def _is_held_out(signature: Signature) -> bool:
    return sha256(signature.encode()).digest()[0] * 100 < 256 * _HELD_OUT_PERCENT


def _bytes(bodies: Sequence[Any], dictionary: PackDictionary) -> int:
    return sum(len(encode_frame(body, dictionary)) for body in bodies)
