"""What reading and keeping packs works with."""

from collections.abc import Callable
from functools import cache
from importlib import resources

from oof.adapters.postgres.pack_store import PostgresPackStore
from oof.adapters.system import SystemClock
from oof.app.merge_packs import KeepDeps
from oof.app.train_dictionary import current_id, read_dictionary
from oof.bootstrap.facts import blobs, database
from oof.domain.packs import NO_DICTIONARY, PackDictionary
from oof.settings import FactsBucketSettings

_SHIPPED = resources.files("oof.bootstrap") / "dictionaries"


@cache
def named_dictionary(name: str) -> PackDictionary:
    """A dictionary that packs were written with: shipped with the code, or trained since.

    Raises `NotFound`, `StoreUnavailable`.
    """
    if name == NO_DICTIONARY.dictionary_id:
        return NO_DICTIONARY
    shipped = _SHIPPED / f"{name}.zdict"
    if shipped.is_file():
        return PackDictionary(name, shipped.read_bytes())
    return read_dictionary(name, blobs(FactsBucketSettings.from_env().facts_bucket))


@cache
def current_dictionary() -> PackDictionary:
    """The dictionary that new packs are written with: the one adopted last, else the shipped one.

    Asked once an environment: a better one is used as environments are replaced.
    Raises `StoreUnavailable`.
    """
    adopted = current_id(blobs(FactsBucketSettings.from_env().facts_bucket))
    return shipped_dictionary() if adopted is None else named_dictionary(adopted)


def shipped_dictionary() -> PackDictionary:
    """The dictionary that came with the code; no bucket is asked."""
    return named_dictionary((_SHIPPED / "current").read_text().strip())


def keep_deps(has_time: Callable[[], bool]) -> KeepDeps:
    """Dependencies of keeping packs, for one invocation.

    Raises `StoreUnavailable`.
    """
    return KeepDeps(
        packs=PostgresPackStore(database()),
        blobs=blobs(FactsBucketSettings.from_env().facts_bucket),
        clock=SystemClock(),
        dictionary=current_dictionary(),
        dictionary_named=named_dictionary,
        has_time=has_time,
    )
