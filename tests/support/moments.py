"""Moments of a generated history, put where a store keeps them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from oof.domain.moments.model import Moment, MomentKind
from oof.domain.moments.stored import MomentPlan, plan_moments, wallet_moments
from oof.domain.units import SOL_MINT, Address, Mint, Signature, Slot, UnixSeconds
from oof.ports.moments import DueMoments
from tests.exactly_once.world import World

GENESIS = 1_700_000_000
GENESIS_SLOT = Slot(0)


class Place(NamedTuple):
    """A transaction of a wallet."""

    signature: Signature
    slot: Slot
    tx_id: int


def places_of(world: World, wallet: Address) -> list[Place]:
    """A wallet's transactions, in chain order."""
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        events = transaction.history(wallet_id, after=None, limit=500)
    return [Place(e.transaction.signature, e.slot, e.tx_id) for e in events]


def mints_of(world: World, wallet: Address) -> list[Mint]:
    """The mints it traded, SOL aside."""
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        events = transaction.history(wallet_id, after=None, limit=500)
    exchanges = (exchange for event in events for exchange in event.transaction.exchanges)
    found = dict.fromkeys(mint for x in exchanges for mint in (x.sold_mint, x.bought_mint))
    return [mint for mint in found if mint != SOL_MINT]


def busiest(world: World) -> Address:
    """The wallet with the longest history."""
    return max(world.history.wallets, key=lambda each: len(world.history.listings[each]))


def a_moment(where: Place, mint: Mint, **changes: Any) -> Moment:
    """A moment about a transaction, with changes."""
    values: dict[str, Any] = {
        "kind": MomentKind.S2E,
        "mint": mint,
        "signature": where.signature,
        "slot": where.slot,
        "tx_index": None,
        "place": 0,
        "at": UnixSeconds(GENESIS + where.slot),
        "qty_raw": 2**70,
        "usd": Decimal("25.5"),
        "pct": Decimal("-0.25"),
        "severity": Decimal("0.33333333"),
        "source": "pyth",
        "confidence": 95,
        "provisional": frozenset(),
        "due_at": None,
        "version": 1,
        "evidence": {"lots": [{"qty_raw": str(2**80), "price": None}], "is_reachable": True},
    }
    return Moment(**{**values, **changes})


def keep_moments(
    world: World,
    wallet: Address,
    moments: Sequence[Moment],
    *,
    mint: Mint,
    from_slot: Slot = GENESIS_SLOT,
    at: datetime,
) -> MomentPlan:
    """Have the moments of one position from a slot on be these; return what that changed."""
    tx_ids = {place.signature: place.tx_id for place in places_of(world, wallet)}
    found = wallet_moments(wallet, moments, tx_ids)
    with world.inner.transaction() as transaction:
        wallet_id = transaction.lock_moments(wallet).wallet_id
        stored = transaction.stored_moments(wallet_id, [DueMoments(mint, from_slot)])
        plan = plan_moments(stored, found, from_slot=from_slot)
        if not plan.is_empty:
            transaction.write_moments(wallet_id, plan, at=at)
    return plan
