"""ETags and how long an answer may be kept."""

import hashlib
from typing import Any, Final

import orjson

from oof.domain.snapshot.model import WalletState
from oof.entrypoints.http.bodies import Body

NO_STORE: Final = {"Cache-Control": "no-store"}
_LOOKED_AT: Final = {"freshness_lag_sec", "portrayed_at"}
"""When something was looked at, which is no change of it."""
_KEPT: Final = "public, max-age=60"
_SETTLED: Final = frozenset({WalletState.SEEN_PARTIAL, WalletState.SEEN_FULL})


def caching_headers(state: WalletState, body: Body, *, tag: tuple[Any, ...]) -> dict[str, str]:
    """Headers of an answer about a wallet in `state`: until it settles, nobody keeps it.

    The ETag covers `tag` and the body, except how fresh it is: a wallet that was merely looked at
    again has not changed.
    """
    shown = body.model_dump_json(by_alias=True, exclude=_LOOKED_AT)
    digest = hashlib.sha256(orjson.dumps(tag) + shown.encode()).hexdigest()
    if state not in _SETTLED:
        return {**NO_STORE, "ETag": f'"{digest[:32]}"'}
    return {"Cache-Control": _KEPT, "ETag": f'"{digest[:32]}"'}


def is_unchanged(if_none_match: str | None, etag: str | None) -> bool:
    """Whether the caller holds this version; weak and strong tags count alike, as RFC 9110 says."""
    if if_none_match is None or etag is None:
        return False
    held = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in held or etag.removeprefix("W/") in held
