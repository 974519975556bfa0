"""What working over stored history works with."""

from functools import cache

from oof.adapters.system import SystemClock, random_id
from oof.app.renormalize import RenormalizeDeps
from oof.app.replay_wallet import ReplayDeps
from oof.bootstrap.facts import apply_deps, blobs, fact_store, wallet_waker
from oof.bootstrap.packs import named_dictionary
from oof.domain.transactions.model import NORMALIZER_VERSION
from oof.domain.transactions.normalize import normalize
from oof.settings import FactsBucketSettings


@cache
def renormalize_deps() -> RenormalizeDeps:
    """Dependencies of `renormalize`."""
    return RenormalizeDeps(
        facts=fact_store(),
        blobs=blobs(FactsBucketSettings.from_env().facts_bucket),
        waker=wallet_waker(),
        clock=SystemClock(),
        new_id=random_id,
        dictionary_named=named_dictionary,
        normalize=normalize,
        version=NORMALIZER_VERSION,
    )


@cache
def replay_deps() -> ReplayDeps:
    """Dependencies of `replay_wallet`."""
    return ReplayDeps(applying=apply_deps(), waker=wallet_waker(), new_id=random_id)
