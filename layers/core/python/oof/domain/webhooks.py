"""The provider's webhooks as they should be, and what tells them from what they are. Pure.

Wallets are spread over *shards*, each one webhook. A wallet stays on the shard it was given, its
token accounts with it, so that one more address changes one shard, and a transaction of a wallet
is reported by one webhook alone. Newcomers go where there is room, the lowest number first, so
that shards fill up one after the other and few of them change.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import parse_qs, urlsplit, urlunsplit

from oof.domain.units import Address, UnixSeconds

KIND: Final = "raw"
"""Complete bodies, failed transactions included; an enhanced webhook has neither."""
STATUS: Final = "all"
TRANSACTION_TYPES: Final = ("ANY",)
_SHARD: Final = "shard"


class Capacity(NamedTuple):
    """How many addresses a webhook may name."""

    most: int
    """Beyond, somebody has to leave; some providers' accounts are cut off below the 100,000 that
    are documented."""
    filled_at: int
    """Newcomers go elsewhere from here on: who is there already needs room to grow."""


class Hook(NamedTuple):
    """One webhook as the provider holds it."""

    hook_id: str
    url: str
    addresses: frozenset[Address]
    auth_header: str | None
    """None where the provider does not tell."""
    kind: str
    status: str
    transaction_types: tuple[str, ...]
    is_active: bool


class Wanted(NamedTuple):
    """One webhook as it should be."""

    url: str
    addresses: tuple[Address, ...]
    """Ascending, each once."""
    auth_header: str


class Drift(StrEnum):
    """How a webhook differs from what was last put there."""

    MISSING = "missing"
    SWITCHED_OFF = "switched_off"
    """By the provider after failures, or by hand."""
    ADDRESSES = "addresses"
    SETTINGS = "settings"
    """Where it posts to, its kind, its filters or its header."""


class Put(NamedTuple):
    """What was last put under one shard's number."""

    shard: int
    hook_id: str
    digest: str
    auth_digest: str
    addresses: int
    put_at: UnixSeconds


def place(
    sizes: Mapping[int, int], newcomers: Iterable[tuple[Address, int]], capacity: Capacity
) -> dict[Address, int]:
    """Return a shard for each newcomer `(wallet, addresses)`, in the order given.

    `sizes` are the addresses each shard names so far. A wallet that fills a shard alone gets one.
    """
    held = dict(sizes)
    placed = {}
    for wallet, size in newcomers:
        shard = 0
        while held.get(shard, 0) and held[shard] + size > capacity.filled_at:
            shard += 1
        held[shard] = held.get(shard, 0) + size
        placed[wallet] = shard
    return placed


def overflowing(members: Sequence[tuple[Address, int]], capacity: Capacity) -> list[Address]:
    """Return who has to leave a shard of `(wallet, addresses)`, given oldest member first.

    The newest leave first, and the oldest stays whatever its size.
    """
    total = sum(size for _, size in members)
    leaving = []
    for wallet, size in reversed(members[1:]):
        if total <= capacity.most:
            break
        leaving.append(wallet)
        total -= size
    return leaving


def list_of(accounts: Iterable[Iterable[Address]]) -> tuple[Address, ...]:
    """Return one shard's list, ascending, each address once."""
    return tuple(sorted({address for each in accounts for address in each}))


def list_digest(addresses: Iterable[Address]) -> str:
    """Return what tells two lists apart, whatever their order."""
    return sha256("\n".join(sorted(set(addresses))).encode()).hexdigest()


def auth_digest(header: str) -> str:
    """Return what tells two header values apart without telling either."""
    return sha256(f"webhook:{header}".encode()).hexdigest()


def url_of(base: str, shard: int) -> str:
    """Return where the webhook of a shard posts to: the number lets us find our own again."""
    parts = urlsplit(base)
    return urlunsplit(parts._replace(query=f"{_SHARD}={shard}"))


def shard_of(base: str, url: str) -> int | None:
    """Return the shard that a webhook's URL names; None where the webhook is not ours."""
    parts = urlsplit(url)
    if urlunsplit(parts._replace(query="")) != urlunsplit(urlsplit(base)._replace(query="")):
        return None
    [number] = parse_qs(parts.query).get(_SHARD, [""])[:1]
    return int(number) if number.isdecimal() else None


def drift_of(hook: Hook | None, last: Put, url: str) -> frozenset[Drift]:
    """Return how the provider's webhook differs from what was last put there, to post to `url`."""
    if hook is None:
        return frozenset({Drift.MISSING})
    is_as_set = (
        hook.url == url
        and hook.kind == KIND
        and hook.status == STATUS
        and hook.transaction_types == TRANSACTION_TYPES
        and (hook.auth_header is None or auth_digest(hook.auth_header) == last.auth_digest)
    )
    found = {
        Drift.SWITCHED_OFF: not hook.is_active,
        Drift.ADDRESSES: list_digest(hook.addresses) != last.digest,
        Drift.SETTINGS: not is_as_set,
    }
    return frozenset(drift for drift, holds in found.items() if holds)
