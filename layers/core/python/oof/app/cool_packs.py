"""Let bodies that are hardly read again move to colder storage; none is ever deleted for its age.

A body is of low value once its facts are old and nothing about it was odd: only a better
normalizer reads it again, and colder storage still answers at once, at a price per read.
"""

from datetime import timedelta
from typing import Final

from oof.app.merge_packs import KeepDeps
from oof.domain.errors import NotFound

COLD_AFTER: Final = timedelta(days=90)
LEAST_BYTES: Final = 128 * 1024
"""S3 bills smaller objects in Glacier Instant Retrieval as if they were this large.

<https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html>
"""
_PAGE: Final = 200


def cool_packs(deps: KeepDeps) -> int:
    """Mark packs stored 90 days ago for colder storage, and return how many were."""
    now = deps.clock.now()
    cooled = 0
    while deps.has_time():
        warm = deps.packs.warm(
            stored_before=now - COLD_AFTER, at_least_bytes=LEAST_BYTES, limit=_PAGE
        )
        for pack in warm:
            try:
                deps.blobs.cool(pack.object_key)
                cooled += 1
            except NotFound:
                pass  # the check reports it; asking again each night would not bring it back
            deps.packs.note_cooled(pack.pack_id, at=now)
        if len(warm) < _PAGE:
            break
    return cooled
