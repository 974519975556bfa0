"""Detecting as a part of a wake-up: it holds nothing up, and fails like the other parts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from oof.app.advance_wallet import GIVE_UP_RECEIVES, advance_wallet
from oof.app.detect_moments import DOLLARS_WAIT, SOL_WAIT, marks_of
from oof.domain.errors import StoreUnavailable
from oof.domain.snapshot.model import WalletState
from oof.domain.tokens import USDC_MINT
from oof.domain.units import SOL_MINT, Mint, Slot
from oof.ports.memory.facts import MemoryFactStore, MemoryFactTransaction
from oof.ports.moments import MomentMark
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import Delivery, World
from tests.support.moments import busiest

AT = datetime(2026, 5, 1, tzinfo=UTC)
COIN = Mint("DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263")


class _Unreachable(MemoryFactTransaction):
    def story_parts(self, *_args, **_kwargs):
        """Fail for a while."""
        raise StoreUnavailable("the database did not answer")


class _Poisoned(MemoryFactTransaction):
    def story_parts(self, *_args, **_kwargs):
        """Fail for good."""
        raise ZeroDivisionError


class Unreachable(MemoryFactStore):
    """A store that tells no stories."""

    transaction_type = _Unreachable


class Poisoned(MemoryFactStore):
    """A store whose stories no detector can read."""

    transaction_type = _Poisoned


def stored(facts):
    """A world with a wallet's history stored, nothing applied."""
    world = World(generated_history(11, 6), facts)
    wallet = busiest(world)
    world.track(wallet)
    for signature in world.history.signatures:
        world.store(Delivery("webhook", (signature,), rich=True))
    return world, wallet


def test_what_is_known_is_shown_before_anything_is_looked_at():
    """A look that fails holds back no balance, no count and no profit."""
    world, wallet = stored(Unreachable())

    with pytest.raises(StoreUnavailable):
        world.drain()

    summary = world.summaries.get(wallet)
    assert summary is not None
    assert summary.tx_count > 0
    assert summary.positions.closed_count + summary.positions.open_count > 0
    assert summary.revision == world.inner.view(wallet).revision


def test_a_story_no_detector_can_read_blocks_its_wallet_in_the_end():
    """Raised until then, so that it is tried again; then the summary says so."""
    world, wallet = stored(Poisoned())
    with pytest.raises(ZeroDivisionError):
        world.drain()

    report = advance_wallet(wallet, receives=GIVE_UP_RECEIVES, deps=world.advancing)

    assert report.blocked_code == "fold_failed"
    summary = world.summaries.get(wallet)
    assert summary is not None
    assert summary.state is WalletState.BLOCKED


@pytest.mark.parametrize(("receives", "limit"), [(1, 20), (2, 5), (3, 1), (4, 1)])
def test_who_was_woken_in_vain_looks_at_less(receives, limit):
    """A story too long for the time there is ends up alone in its turn."""
    asked = []

    class Asking(MemoryFactTransaction):
        def take_due_moments(self, wallet_id, *, at, limit):
            """Remember how many are asked for."""
            asked.append(limit)
            return super().take_due_moments(wallet_id, at=at, limit=limit)

    facts = MemoryFactStore()
    world, wallet = stored(facts)
    world.drain()
    facts.transaction_type = Asking

    advance_wallet(wallet, receives=receives, deps=world.advancing)

    assert asked == [limit]


def test_who_is_new_is_looked_at_whole_at_once():
    """SOL included, which waits from then on."""
    taken: list[Mint] = []

    class Telling(MemoryFactTransaction):
        def take_due_moments(self, wallet_id, *, at, limit):
            """Remember what is taken."""
            found = super().take_due_moments(wallet_id, at=at, limit=limit)
            taken.extend(due.mint for due in found)
            return found

    facts = MemoryFactStore()
    facts.transaction_type = Telling
    world, _ = stored(facts)

    world.drain()

    assert SOL_MINT in taken


def test_quotes_wait_and_sol_is_looked_at_with_dollars():
    """What is traded for dollars may be SOL, whose story tells it."""
    slots = {COIN: Slot(7), USDC_MINT: Slot(5)}

    marks = marks_of(slots, AT)

    assert timedelta(minutes=1) < DOLLARS_WAIT < SOL_WAIT
    assert marks == [
        MomentMark(COIN, Slot(7), AT),
        MomentMark(USDC_MINT, Slot(5), AT + DOLLARS_WAIT),
        MomentMark(SOL_MINT, Slot(5), AT + SOL_WAIT),
    ]
    assert marks_of({SOL_MINT: Slot(3), USDC_MINT: Slot(5)}, AT)[0].from_slot == 3
    assert [mark.mint for mark in marks_of({COIN: Slot(1)}, AT)] == [COIN]


def test_a_long_history_folded_anew_waits_for_its_prices():
    """What is marked stays so until whoever brings them wakes the wallet."""
    world, wallet = stored(MemoryFactStore())
    short = replace(world.advancing, sizes=replace(world.advancing.sizes, refold_at_once=-1))

    facts = world.advancing.applying.facts
    later = world.advancing.applying.clock.now() + timedelta(days=1)
    advance_wallet(wallet, receives=1, deps=short)
    while wallet in facts.stale_wallets(before=later, limit=10):
        advance_wallet(wallet, receives=1, deps=short)
    assert wallet in facts.unvalued_wallets(before=later, limit=10)

    advance_wallet(wallet, receives=1, deps=world.advancing)
    assert wallet not in facts.unvalued_wallets(before=later, limit=10)
