"""The clean pass: every transaction of the chain once, in order, into a store in memory.

It shares with the stack what a transaction means, and nothing of how one arrives: no queue, no
webhook, no listing by pages, no database. The chain itself says which transactions there are.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any, Final, NamedTuple

import orjson

from local.upstream.webhooks import raw_item
from oof.domain.snapshot.ledger import Known
from oof.domain.snapshot.model import MintBalance, WalletSummary
from oof.domain.units import Address, Signature
from oof.ports.memory.facts import MemoryFactStore
from tests.exactly_once.histories import Bodies, History
from tests.exactly_once.world import Delivery, World
from tests.support.canonical import Facts, canonical, memory_facts

PARTS: Final = (
    "transactions",
    "participants",
    "actions",
    "trades",
    "balances",
    "ledgers",
    "summaries",
    "positions",
)
_POSITION_PARTS: Final = ("stale_from", "folded", "figures", "episodes")
"""What of a wallet's positions is compared: the rest names places in blocks, which may be unknown;
`tests/exactly_once` holds all of it to the byte."""
_BATCH: Final = 200
_TOLD: Final = 3
_PLACE_OF_INDEX: Final = 1
"""Of a transaction's place in its block, in its row."""
_KNOWS_INDEX: Final = int(Known.INDEX)
"""The bit of a ledger row that says that the fold knew the place."""
_PASSING: Final = {"history_partial", "soft"}
"""Reasons to be provisional that the clean pass cannot clear: it lists nothing, and asks nobody
what is final. On the stack they must be cleared, which is a promise of its own."""
_PASSING_PLACES: Final = {MintBalance._fields.index(name) for name in _PASSING}

type State = dict[str, dict[str, Any]]
"""What the canonical digest is taken of, by part and by signature or wallet."""


class Reference(NamedTuple):
    """What the stack must hold in the end."""

    state: State
    signatures: frozenset[str]

    def narrowed(self, facts: Facts, summaries: Iterable[WalletSummary]) -> State:
        """Return a state as far as it is about these wallets and their transactions."""
        whole = canonical(facts, summaries)
        keys = self.state["ledgers"].keys() | self.signatures
        return {
            part: {key: row for key, row in whole.get(part, {}).items() if key in keys}
            for part in self.state
        }


def clean_pass(chain: Mapping[str, Sequence[dict[str, Any]]]) -> Reference:
    """Store each wallet's bodies, oldest first, in chain order; return the state."""
    bodies: dict[str, dict[str, Any]] = {}
    for found in chain.values():
        bodies |= {_signature(body): body for body in found}
    in_order = sorted(bodies, key=lambda each: _place(bodies[each]))
    history = History(
        listings={
            Address(wallet): tuple(Signature(_signature(body)) for body in reversed(found))
            for wallet, found in chain.items()
        },
        bodies={Signature(s): _bodies(bodies[s]) for s in in_order},
    )
    world = World(history, MemoryFactStore())
    world.track(*history.wallets)
    for signatures in batched(history.signatures, _BATCH, strict=False):
        world.store(Delivery("webhook", signatures, rich=True))
    for wallet in history.wallets:
        world.take_listing(wallet)
    world.drain()
    world.fold_rest()
    state = canonical(memory_facts(world.inner), world.latest())
    return Reference({part: state[part] for part in PARTS}, frozenset(in_order))


def _bodies(body: dict[str, Any]) -> Bodies:
    rich = raw_item(body, body["transactionIndex"])
    return Bodies(rich, rich)


def _signature(body: dict[str, Any]) -> str:
    return str(body["transaction"]["signatures"][0])


def _place(body: dict[str, Any]) -> tuple[int, int]:
    return body["slot"], body["transactionIndex"]


def comparable(state: State) -> State:
    """Return a state without what a pass that lists nothing cannot tell: states and coverage."""
    summaries = {wallet: _comparable(each) for wallet, each in state["summaries"].items()}
    positions = {
        wallet: {part: found[part] for part in _POSITION_PARTS}
        for wallet, found in state["positions"].items()
    }
    return {**state, "summaries": summaries, "positions": positions}


def _comparable(summary: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in summary.items() if name != "state"}
    kept["provisional"] = [each for each in summary["provisional"] if each not in _PASSING]
    kept["balances"] = [
        [value for place, value in enumerate(row) if place not in _PASSING_PLACES]
        for row in summary["balances"]
    ]
    return kept


def placed_as(expected: State, found: State) -> State:
    """Return what is expected without the places in blocks that nobody had to learn.

    Where a transaction shares its slot with no other of its wallets, no body need tell its place;
    where one does, its summaries show whether the order is right.
    """
    unplaced = {
        signature
        for signature, rows in found["transactions"].items()
        if rows and rows[0][_PLACE_OF_INDEX] is None
    }
    transactions = {
        signature: [_unplaced(row) for row in rows] if signature in unplaced else rows
        for signature, rows in expected["transactions"].items()
    }
    ledgers = {
        wallet: [
            (signature, known & ~_KNOWS_INDEX if signature in unplaced else known)
            for signature, known in rows
        ]
        for wallet, rows in expected["ledgers"].items()
    }
    return {**expected, "transactions": transactions, "ledgers": ledgers}


def _unplaced(row: list[Any]) -> list[Any]:
    return [None if place == _PLACE_OF_INDEX else value for place, value in enumerate(row)]


def differences(expected: State, found: State) -> list[str]:
    """Return one line for each part that differs: how much of it, and the first few by name."""
    lines = []
    for part, rows in expected.items():
        there = found.get(part, {})
        lacking = sorted(rows.keys() - there.keys())
        beyond = sorted(there.keys() - rows.keys())
        other = sorted(
            key for key in rows.keys() & there.keys() if _text(rows[key]) != _text(there[key])
        )
        for what, keys in (("lack", lacking), ("are too many", beyond), ("differ", other)):
            if keys:
                named = "; ".join(
                    _named(key, rows.get(key), there.get(key)) for key in keys[:_TOLD]
                )
                lines.append(f"{part}: {len(keys)} of {len(rows)} {what}: {named}")
    return lines


def _named(key: str, expected: Any, found: Any) -> str:
    """Return a key, and how its rows differ where both sides have some."""
    if expected is None or found is None:
        return key
    if isinstance(expected, dict):
        names = [n for n in expected if _text(expected[n]) != _text(found.get(n))]
        told = ", ".join(f"{n} {found.get(n)!r} for {expected[n]!r}" for n in names[:_TOLD])
    else:
        here, there = [_text(each) for each in expected], [_text(each) for each in found]
        lacks = [each for each in here if each not in there][:1]
        extra = [each for each in there if each not in here][:1]
        told = f"{b' '.join(extra).decode()} for {b' '.join(lacks).decode()}"
    return f"{key} has {told[:300]}"


def _text(value: Any) -> bytes:
    return orjson.dumps(value, default=list)
