"""Raw bodies, packed: one object a store batch, one frame a transaction.

::

    object = MAGIC, length of the dictionary's id (1 byte), the id, frame, frame, …
    frame  = form (1 byte), content
    verbatim content = zstd(JSON)
    lean content     = number of bytes kept apart (2 bytes), those, zstd(columns)

A pointer `(object key, offset, length)` reads one frame on its own. The dictionary's id stands in
the object, so a pack can be read without the database; dictionaries are never changed, a better
one gets another id. The key is the content's hash: packing the same batch again after a crash
writes the same object again.

A body's JSON *value* is kept exactly. A frame holds the lean form (`lean`) only if restoring it
gives that very value; else it holds the body as it came.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from threading import get_ident
from typing import Any, Final, NamedTuple

import orjson
import zstandard

from oof.domain.lean_bodies import lean, restore
from oof.domain.lean_columns import KEY_BYTES, KnownKeys
from oof.domain.transactions.base58 import decode_base58
from oof.domain.units import Address, Signature

MAGIC: Final = b"OOFPACK1"
LEVEL: Final = 12
"""With a dictionary, 15 saves 1 % more and costs a quarter of the rate."""
_VERBATIM: Final = 0
_LEAN: Final = 1
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
"""Opens every zstd frame, so a frame here goes without."""
_COUNT_BYTES: Final = 2
_MAX_KEYS: Final = 2**16 - 1
_KEY_SHARE: Final = 0.6
"""Of a dictionary's bytes, at most. Over recorded bodies, less is worse and more no better."""
_KEY_LENGTHS: Final = range(32, 45)


_UNEXPECTED: Final = (
    AttributeError,
    IndexError,
    KeyError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What `lean` and `restore` raise for what is no transaction."""


class PackDictionary(NamedTuple):
    """What bodies have in common: a table of keys, and a zstd dictionary of their columns.

    Its content is the number of keys (2 bytes, little-endian), the keys, the zstd dictionary. The
    empty one, `NO_DICTIONARY`, is always at hand.
    """

    dictionary_id: str
    content: bytes


NO_DICTIONARY: Final = PackDictionary("none", b"")


class Frame(NamedTuple):
    """Where one body lies within its object."""

    signature: Signature
    offset: int
    length: int


class Pack(NamedTuple):
    """One object, ready to be written."""

    object_key: str
    body: bytes
    dictionary_id: str
    frames: tuple[Frame, ...]


def pack_bodies(bodies: Iterable[tuple[Signature, Any]], dictionary: PackDictionary) -> Pack:
    """Pack decoded JSON bodies, in the order given."""
    frames = ((signature, encode_frame(body, dictionary)) for signature, body in bodies)
    return assemble(frames, dictionary.dictionary_id)


def assemble(frames: Iterable[tuple[Signature, bytes]], dictionary_id: str) -> Pack:
    """Put encoded frames of one dictionary into an object, in the order given."""
    parts = [header(dictionary_id)]
    offset = len(parts[0])
    placed: list[Frame] = []
    for signature, frame in frames:
        placed.append(Frame(signature, offset, len(frame)))
        parts.append(frame)
        offset += len(frame)
    content = b"".join(parts)
    return Pack(key_of(content), content, dictionary_id, tuple(placed))


def header(dictionary_id: str) -> bytes:
    """Return what an object begins with, before its first frame."""
    name = dictionary_id.encode()
    return MAGIC + bytes([len(name)]) + name


def key_of(content: bytes) -> str:
    """Return the key of an object: its content's SHA-256, so that a key is a checksum."""
    digest = hashlib.sha256(content).hexdigest()
    return f"packs/{digest[:2]}/{digest}.pack"


def encode_frame(body: Any, dictionary: PackDictionary) -> bytes:
    """Compress one decoded JSON body."""
    tools = _tools(dictionary, get_ident())
    wanted = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    try:
        apart, columns = lean(body, tools.known)
        opening = bytes([_LEAN]) + len(apart).to_bytes(_COUNT_BYTES, "little") + apart
        if (
            orjson.dumps(restore(apart, columns, tools.known), option=orjson.OPT_SORT_KEYS)
            == wanted
        ):
            return opening + tools.compress(columns)
    except _UNEXPECTED:
        pass  # a body shaped like no transaction: it is kept as it came
    return bytes([_VERBATIM]) + tools.compress(wanted)


def decode_frame(frame: bytes, dictionary: PackDictionary) -> Any:
    """Return the JSON value that `encode_frame` was given.

    Raises ValueError where the bytes are no frame of this dictionary.
    """
    tools = _tools(dictionary, get_ident())
    try:
        if frame[0] == _VERBATIM:
            return orjson.loads(tools.decompress(frame[1:]))
        start = 1 + _COUNT_BYTES
        end = start + int.from_bytes(frame[1:start], "little")
        return restore(frame[start:end], tools.decompress(frame[end:]), tools.known)
    except (*_UNEXPECTED, zstandard.ZstdError) as fault:
        msg = f"not a frame under dictionary {dictionary.dictionary_id}: {fault}"
        raise ValueError(msg) from fault


def dictionary_id_of(body: bytes) -> str:
    """Return the dictionary named in an object. Raises ValueError where it is no pack."""
    if not body.startswith(MAGIC):
        raise ValueError("not a pack")
    length = body[len(MAGIC)]
    return body[len(MAGIC) + 1 : len(MAGIC) + 1 + length].decode()


def train_dictionary(
    bodies: Sequence[Any], *, max_bytes: int, keys: Iterable[Address] | None = None
) -> PackDictionary:
    """Train a dictionary of at most `max_bytes` on decoded bodies; its id names its content.

    Its table holds `keys`; without, those that the bodies name, as far as there is room.
    """
    room = int(max_bytes * _KEY_SHARE) // KEY_BYTES
    table = b"".join(_by_frequency(bodies, keys)[: min(room, _MAX_KEYS)])
    known = KnownKeys(table)
    samples: list[bytes | bytearray | memoryview[int]] = [*_samples(bodies, known)]
    left = max_bytes - len(table) - _COUNT_BYTES
    trained = zstandard.train_dictionary(left, samples, k=1_024, d=6, level=LEVEL)
    count = len(known.raw).to_bytes(_COUNT_BYTES, "little")
    content = count + table + trained.as_bytes()
    return PackDictionary(f"dict-{hashlib.sha256(content).hexdigest()[:16]}", content)


def _by_frequency(bodies: Iterable[Any], keys: Iterable[Address] | None) -> list[bytes]:
    counts = Counter(key for body in bodies for key in set(_keys(body)))
    wanted = counts if keys is None else {decode_base58(key) for key in keys}
    # Ties are broken by the key, for the same bodies to give the same dictionary.
    return sorted(wanted, key=lambda key: (-counts[key], key))


def _samples(bodies: Iterable[Any], known: KnownKeys) -> Iterator[bytes]:
    for body in bodies:
        try:
            yield lean(body, known).columns
        except _UNEXPECTED:
            continue  # it will be kept as it came


def _keys(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _keys(each)
    elif isinstance(value, str) and len(value) in _KEY_LENGTHS:
        try:
            raw = decode_base58(value)
        except ValueError:
            return
        if len(raw) == KEY_BYTES:
            yield raw


class _Tools(NamedTuple):
    """A dictionary, ready for use."""

    known: KnownKeys
    compressor: zstandard.ZstdCompressor
    decompressor: zstandard.ZstdDecompressor

    def compress(self, content: bytes) -> bytes:
        return self.compressor.compress(content)[len(_ZSTD_MAGIC) :]

    def decompress(self, content: bytes) -> bytes:
        return self.decompressor.decompress(_ZSTD_MAGIC + content)


# One a thread: a zstd context serves one call at a time.
@lru_cache(maxsize=8)
def _tools(dictionary: PackDictionary, _thread: int) -> _Tools:
    content = dictionary.content
    count = int.from_bytes(content[:_COUNT_BYTES], "little")
    end = _COUNT_BYTES + count * KEY_BYTES
    known = KnownKeys(content[_COUNT_BYTES:end])
    if not content:
        compressor = zstandard.ZstdCompressor(level=LEVEL)
        return _Tools(known, compressor, zstandard.ZstdDecompressor())
    shared = zstandard.ZstdCompressionDict(content[end:])
    shared.precompute_compress(level=LEVEL)
    # The pack names its dictionary, and the database the frame's length: no need to say it twice.
    compressor = zstandard.ZstdCompressor(level=LEVEL, dict_data=shared, write_dict_id=False)
    return _Tools(known, compressor, zstandard.ZstdDecompressor(dict_data=shared))
