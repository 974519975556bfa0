"""What tells that a wallet moved, and what else makes its listing due.

A look compares what accounts hold now with the last post-balances we know: a wallet's lamports
every time, its token accounts once an hour, because they are many. A look sees neither a movement
that undid itself nor an account that no list names, so each wallet is listed once a day whatever
its balances say. Moments of hourly looks and daily audits are spread by the wallet's own address,
so that a thousand wallets opened together are not audited together.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from hashlib import sha256
from typing import Final, NamedTuple

import orjson

from oof.domain.snapshot.model import Unseen, UnseenCode
from oof.domain.snapshot.newest import Newest, settle
from oof.domain.transactions.base58 import decode_base58
from oof.domain.units import Address, RawAmount, UnixSeconds

AUDIT_EVERY_S: Final = 86_400
TOKENS_EVERY_S: Final = 3_600
MISSING_EVERY_S: Final = 3_600
"""How often a body that the provider did not have is asked for again."""
SILENCE_MOVED: Final = 3
"""Wallets that must have moved in silence before it is taken for an outage: one may be polled, or
its webhook late."""


class Reason(IntEnum):
    """Why a wallet's newest end is listed; the lower goes first."""

    NAMED = 0
    """A webhook reports it from now on, and it is live once it is listed: somebody waits."""
    MOVED = 1
    """Its balances differ from those we know."""
    MISSING = 2
    """The provider did not have some body."""
    OUTAGE = 3
    """Events were lost since it was listed last."""
    AUDIT = 4
    """Its daily listing."""
    POLLED = 5
    """It moves too much for a webhook, and is listed at intervals."""


class LastBalance(NamedTuple):
    """What an account of a wallet held after the newest transaction we know of."""

    account: Address
    raw: RawAmount
    """Lamports for the wallet itself, else base units of the account's mint."""
    rivals: tuple[RawAmount, ...] = ()
    """Where the order within the newest slot is not known: what else it may be, ascending."""


def last_balance(account: Address, newest: Newest) -> LastBalance:
    """Return what an account held last, as far as the order within its newest slot tells."""
    settled = settle(newest)
    raw = settled.rival.post_raw
    posts = {rival.post_raw for rival in newest.rivals} if settled.order_unresolved else {raw}
    return LastBalance(account, raw, tuple(sorted(posts - {raw})))


def moment_before(wallet: Address, now: UnixSeconds, *, every_s: int) -> UnixSeconds:
    """Return the wallet's own last moment up to `now`: one every `every_s`, spread by address."""
    # A vanity address is chosen at its ends.
    offset = int.from_bytes(decode_base58(wallet)[12:16]) % every_s
    return UnixSeconds(now - (now - offset) % every_s)


def is_due(wallet: Address, last: UnixSeconds | None, now: UnixSeconds, *, every_s: int) -> bool:
    """Whether the wallet's moment came since `last`."""
    return last is None or last < moment_before(wallet, now, every_s=every_s)


def reason_to_list(
    wallet: Address,
    *,
    listed_at: UnixSeconds | None,
    has_missing: bool,
    outage_ended_at: UnixSeconds | None,
    now: UnixSeconds,
) -> Reason | None:
    """Return why the wallet's listing is due though nothing of it moved; None where it is not."""
    if listed_at is None:
        return Reason.AUDIT
    if has_missing and listed_at <= now - MISSING_EVERY_S:
        return Reason.MISSING
    if outage_ended_at is not None and listed_at < outage_ended_at:
        return Reason.OUTAGE
    return Reason.AUDIT if is_due(wallet, listed_at, now, every_s=AUDIT_EVERY_S) else None


def unseen_of(
    *, listed_at: UnixSeconds | None, tokens_at: UnixSeconds | None
) -> tuple[Unseen, ...]:
    """Return what may stay unseen of a wallet whose newest end was listed at least once."""
    if listed_at is None:
        return ()
    looked_at = max(tokens_at or listed_at, listed_at)
    return (
        Unseen(UnseenCode.TOKEN_ACCOUNTS, looked_at, TOKENS_EVERY_S),
        Unseen(UnseenCode.UNLISTED_ACCOUNTS, listed_at, AUDIT_EVERY_S),
    )


def evidence_of(expected: Iterable[LastBalance], held: Mapping[Address, int]) -> str | None:
    """Return a digest of what accounts hold other than expected; None where nothing differs."""
    differing = sorted(
        (b.account, held[b.account]) for b in expected if held[b.account] not in {b.raw, *b.rivals}
    )
    return sha256(orjson.dumps(differing)).hexdigest() if differing else None


def is_silent(heard_at: UnixSeconds | None, now: UnixSeconds, *, moved: int, after_s: int) -> bool:
    """Whether wallets moved though no delivery came for `after_s`; never where none ever came."""
    return heard_at is not None and now - heard_at >= after_s and moved >= SILENCE_MOVED
