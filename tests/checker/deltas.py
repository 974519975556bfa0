"""The on-chain delta of every owner and mint, from balances alone.

An owner is every key whose lamports changed and that is no token account in the transaction,
plus every owner of a token balance. Its SOL is its own lamports and the wrapped SOL it owns;
the lamports of a token account are nobody's own.
"""

from collections import defaultdict
from typing import NamedTuple

from tests.checker.base58_text import associated_account
from tests.checker.bodies import TOKEN_PROGRAMS, Body, Entry
from tests.checker.token_steps import Step, token_steps

SOL = "So11111111111111111111111111111111111111112"

type Deltas = dict[tuple[str | None, str], int]


class Owners(NamedTuple):
    """Who owned an account before and after a transaction; `None` where nothing tells."""

    before: str | None
    after: str | None


def token_accounts(body: Body) -> frozenset[str]:
    """Return the keys that were token accounts before, after or within the transaction.

    Nodes list them; in 2020, when nodes did not, the token programs' own steps tell. Steps of a
    failed transaction tell nothing, and a closed account may have been a mint.
    """
    found = {entry.account for entry in (*body.pre_tokens, *body.post_tokens)}
    for step in () if body.failed else token_steps(body.calls):
        if step.verb in {"initialize", "transfer"}:
            found.add(step.account)
        if step.verb == "transfer" and step.target is not None:
            found.add(step.target)
    return frozenset(found)


def deltas(body: Body) -> Deltas:
    """Return every non-zero delta by owner and mint; owner `None` gathers the unattributable."""
    found: Deltas = defaultdict(int)
    tokens = token_accounts(body)
    for key, before, after in zip(body.keys, body.pre, body.post, strict=True):
        if key not in tokens:
            found[key, SOL] += after - before
    steps = token_steps(body.calls)
    for entry in body.pre_tokens:
        found[owners_of(entry, body, steps).before, entry.mint] -= entry.amount
    for entry in body.post_tokens:
        found[owners_of(entry, body, steps).after, entry.mint] += entry.amount
    return {key: delta for key, delta in found.items() if delta}


def owners_of(entry: Entry, body: Body, steps: list[Step]) -> Owners:
    """Return the owners of a listed token account, as stated or else as inferred."""
    if entry.owner is not None:
        return Owners(entry.owner, entry.owner)
    own = [step for step in steps if step.account == entry.account]
    first: str | None = None
    now: str | None = None
    initialized = False
    for step in own:
        if step.verb == "initialize":
            initialized, now = True, step.target
        elif step.verb == "give":
            if now is None:
                first = step.actor
            now = step.target
    if now is None or (first is None and not initialized):
        stable = _delegator(own) or _derived(entry, body) or _authority(own)
        return Owners(first or stable, now or stable)
    if first is None and any(old.account == entry.account for old in body.pre_tokens):
        first = _derived(entry, body)
    return Owners(first, now)


def _delegator(own: list[Step]) -> str | None:
    """Return who made or unmade a delegate: the token program asks the owner to sign that."""
    return next((step.actor for step in own if step.verb in {"approve", "revoke"}), None)


def _derived(entry: Entry, body: Body) -> str | None:
    for program in (entry.program,) if entry.program else TOKEN_PROGRAMS:
        for key in body.keys:
            if associated_account(key, program, entry.mint) == entry.account:
                return key
    return None


def _authority(own: list[Step]) -> str | None:
    delegates = {step.target for step in own if step.verb == "approve"}
    for verb in ("close", "transfer"):
        for step in own:
            if step.verb == verb and step.actor is not None and step.actor not in delegates:
                return step.actor
    return None
