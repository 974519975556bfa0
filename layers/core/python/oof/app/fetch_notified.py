"""Fetch bodies of signatures we were told of without their bodies."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from itertools import batched
from typing import Final, NamedTuple

from oof.app.run_documents import array_of
from oof.app.warm_programs import SNAPSHOT
from oof.domain.errors import BudgetSpent, InvalidInput, UpstreamUnavailable
from oof.domain.units import Signature
from oof.ports.blobs import Blobs
from oof.ports.queues import FetchRequester, StoreHandover
from oof.ports.upstream import Body, ChainSource

MAX_INLINE_BYTES: Final = 700_000
"""Bodies that travel in the message itself, escapes apart; more lie in the inbox."""
BATCH: Final = 100
VERIFY: Final = "verify"
"""The reason, and then the source, of bodies that are compared with what is stored."""
ABSENT_DELAY_S: Final = 2
"""How long after its message an absent body is asked for again, the first time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedDeps:
    """What fetching needs."""

    chain: ChainSource
    blobs: Blobs
    handover: StoreHandover
    requester: FetchRequester


class Notified(NamedTuple):
    """What a message brought."""

    bodies: int
    absent: int
    """Signatures the provider did not have."""


def fetch_notified(signatures: object, *, deps: NotifiedDeps, reason: str = "enhanced") -> Notified:
    """Fetch the bodies and hand them to the store path.

    A notification runs ahead of the provider's own store. Absent bodies are asked for again by a
    message of their own, so that those handed over are not paid for twice; where all of them are
    absent, `UpstreamUnavailable` lets the message itself come back, so each message gets fewer or
    its receives are counted. A doubted body (`VERIFY`) is asked for again by whoever doubts it;
    what nobody asked for (`SNAPSHOT`) is let go where it is absent or the day's budget is spent.
    """
    wanted = _checked(signatures)
    bodies: dict[Signature, Body] = {}
    with suppress(BudgetSpent) if reason == SNAPSHOT else nullcontext():
        for group in batched(wanted, BATCH, strict=False):
            bodies |= deps.chain.transactions(group)
    for part in _parts(list(bodies.values())):
        _hand_over(part, deps, source=VERIFY if reason == VERIFY else "fetch")
    absent = [signature for signature in wanted if signature not in bodies]
    if absent and reason not in {VERIFY, SNAPSHOT}:
        if not bodies:
            raise UpstreamUnavailable(f"none of {len(absent)} bodies is there yet")
        deps.requester.request(absent, reason=reason, delay_s=ABSENT_DELAY_S)
    return Notified(len(bodies), len(absent))


def _checked(signatures: object) -> tuple[Signature, ...]:
    if not isinstance(signatures, list) or not all(isinstance(s, str) for s in signatures):
        raise InvalidInput("signatures", "an array of strings")
    return tuple(dict.fromkeys(Signature(s) for s in signatures))


def _parts(bodies: Sequence[Body]) -> Iterator[Sequence[Body]]:
    """Cut bodies into arrays that travel in one message; a single large one stands alone."""
    part: list[Body] = []
    size = 0
    for body in bodies:
        if part and size + len(body) > MAX_INLINE_BYTES:
            yield part
            part, size = [], 0
        part.append(body)
        size += len(body)
    if part:
        yield part


def _hand_over(part: Sequence[Body], deps: NotifiedDeps, *, source: str) -> None:
    text = array_of(part)
    # escaping quotes makes a body a tenth to a third longer
    if len(text) <= MAX_INLINE_BYTES * 2 // 3:
        deps.handover.hand_over(source=source, body=text.decode(), s3_key=None)
        return
    key = f"inbox/fetched/{hashlib.sha256(text).hexdigest()}.json"
    deps.blobs.put(key, text)
    deps.handover.hand_over(source=source, body=None, s3_key=key)
