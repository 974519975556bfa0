"""The contract of stored positions, held by the facts in memory and by Postgres."""

import contextlib
from datetime import timedelta
from typing import Any

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.position_reader import PostgresPositionReader
from oof.app.advance_positions import FoldSizes, advance_positions, ask_for_positions
from oof.app.apply_wallet import apply_wallet
from oof.domain.positions.codec import decode_position
from oof.domain.positions.events import of_wallet
from oof.domain.positions.fold import WalletFold
from oof.domain.positions.valuing import SolLegs
from oof.domain.transactions.normalize import normalize
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.position_pages import MemoryPositionReader
from oof.ports.position_pages import PositionFilter, PositionSort, PositionStatus
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import START, Delivery, World, clean_pass

SEED, SIZE = 11, 9
SMALL = FoldSizes(page=4, pages=2, checkpoint_every=4, refold_at_once=3)


@pytest.fixture(params=["memory", "postgres"])
def facts(request):
    """Each store, empty."""
    if request.param == "memory":
        yield MemoryFactStore()
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database = Database(lambda: dsn)
    yield PostgresFactStore(database)
    database.close()


@pytest.fixture
def world(facts):
    """A world on the store."""
    return World(generated_history(SEED, SIZE), facts)


def positions_of(world, wallet):
    """A wallet's stored positions, by mint."""
    with world.inner.transaction() as transaction:
        head = transaction.lock_positions(wallet)
        mints = {mint for body in bodies(world) for mint in body.decimals}
        return {row.mint: row for row in transaction.positions(head.wallet_id, mints)}


def bodies(world):
    """Every transaction of the history, normalized."""
    return [normalize(each.rich) for each in world.history.bodies.values()]


def straight(world, wallet):
    """Fold a wallet's whole history at once, without any store."""
    fold, met = WalletFold(SolLegs()), set()
    for body in bodies(world):
        if wallet not in body.participants:
            continue
        event = of_wallet(body, wallet)
        own = [b for b in body.balances if b.owner == wallet and (b.account, b.mint) not in met]
        met |= {(b.account, b.mint) for b in own}
        held: dict[Any, Any] = {}
        for balance in own:
            if balance.pre_raw:
                held[balance.mint] = held.get(balance.mint, 0) + balance.pre_raw
        fold.open_with(held, event.moment)
        fold.apply(event)
    return fold


def parts_of(position):
    """What a position is, for comparison."""
    return position.book, position.aside, position.unmatched_raw, position.episodes, position.opened


def test_stored_positions_are_those_of_one_straight_fold(world):
    """Page by page, through bytes and back, over checkpoints: the same lots, to the unit."""
    clean_pass(world)

    for wallet in world.history.wallets:
        fold = straight(world, wallet)
        found = positions_of(world, wallet)
        assert {mint for mint, p in fold.positions.items() if p.episodes} <= found.keys()
        for mint, row in found.items():
            position = decode_position(mint, row.state)
            assert parts_of(position) == parts_of(fold.positions[mint])
            assert row.is_open == (position.opened is not None)


def test_a_total_is_the_sum_of_what_came_in_and_went_out(world):
    """Opened, bought and arrived, less sold, left and paid, is what is held and set aside."""
    clean_pass(world)

    for wallet in world.history.wallets:
        for row in positions_of(world, wallet).values():
            f = row.figures
            came = f["opening_raw"] + f["bought_raw"] + f["arrived_raw"]
            went = f["sold_raw"] + f["left_raw"] + f["paid_raw"]
            assert came - went == f["held_raw"] - f["short_raw"]


def late(world):
    """Tell a wallet's newest transactions first, fold them, then tell the rest, not folded yet."""
    wallet = max(world.history.wallets, key=lambda w: len(world.history.listings[w]))
    world.track(wallet)
    newest, oldest = world.history.listings[wallet][:8], world.history.listings[wallet][8:]
    deps = world.advancing.applying
    for part in (newest, oldest):
        world.store(Delivery("backfill", part, rich=True))
        apply_wallet(wallet, deps=deps)
        if part is newest:
            while advance_positions(wallet, deps=deps, sizes=SMALL).has_more:
                pass
    return wallet, deps


def test_what_lies_far_back_waits_until_it_is_asked_for(world):
    """The chunk's end asks; then all is folded, a few pages a turn."""
    wallet, deps = late(world)
    assert advance_positions(wallet, deps=deps, sizes=SMALL).is_deferred

    ask_for_positions(wallet, deps=deps, waker=world.wakes, batch="b")

    assert world.wakes.waiting.pop() == wallet
    first = advance_positions(wallet, deps=deps, sizes=SMALL)
    assert (first.folded >= 8, first.has_more) == (True, True)
    while advance_positions(wallet, deps=deps, sizes=SMALL).has_more:
        pass
    assert advance_positions(wallet, deps=deps, sizes=SMALL) == (0, False, False)


def test_what_lies_far_back_waits_no_longer_than_its_patience(world):
    """Nobody needs to ask."""
    wallet, deps = late(world)

    world.clock.pass_(timedelta(minutes=11).total_seconds())

    assert advance_positions(wallet, deps=deps, sizes=SMALL).folded


class _RolledBack(Exception):
    """Ends a transaction of which nothing is to stay."""


def test_every_checkpoint_is_what_stood_at_its_slot(world):
    """However little of it was written: mints untouched since stand in an older one."""
    wallet = max(world.history.wallets, key=lambda w: len(world.history.listings[w]))
    world.track(wallet)
    stood, deps = {}, world.advancing.applying
    sizes = FoldSizes(page=1, checkpoint_every=1, checkpoints=3)
    for signature in reversed(world.history.listings[wallet]):
        world.store(Delivery("backfill", (signature,), rich=True))
        apply_wallet(wallet, deps=deps)
        advance_positions(wallet, deps=deps, sizes=sizes)
        with world.inner.transaction() as transaction:
            head = transaction.lock_positions(wallet)
        stood[head.folded.slot] = positions_of(world, wallet)

    assert len(head.checkpoints) == sizes.checkpoints
    for checkpoint in head.checkpoints:
        with contextlib.suppress(_RolledBack), world.inner.transaction() as transaction:
            transaction.rewind(head.wallet_id, checkpoint.slot, at=START)
            rows = transaction.positions(head.wallet_id, stood[head.folded.slot].keys())
            assert {row.mint: row for row in rows} == stood[checkpoint.slot]
            raise _RolledBack
    assert positions_of(world, wallet) == stood[head.folded.slot]
    assert len({len(rows) for rows in stood.values()}) > 1


def test_a_stale_wallet_is_found_until_it_is_folded(world):
    """By the sweeper, longest first; a blocked one is left alone."""
    wallet, deps = late(world)
    now = world.clock.now()
    assert world.inner.stale_wallets(before=now, limit=5) == (wallet,)
    assert world.inner.stale_wallets(before=now - timedelta(days=1), limit=5) == ()

    with world.inner.transaction() as transaction:
        transaction.block(wallet, "poison", at=now)
    assert world.inner.stale_wallets(before=now, limit=5) == ()
    assert advance_positions(wallet, deps=deps) == (0, False, False)
    with world.inner.transaction() as transaction:
        transaction.block(wallet, None, at=now)

    while advance_positions(wallet, deps=deps).has_more:
        pass
    assert world.inner.stale_wallets(before=world.clock.now(), limit=5) == ()


def reader_of(world):
    """The reader over the world's store."""
    facts = world.inner
    if isinstance(facts, MemoryFactStore):
        return MemoryPositionReader(facts)
    return PostgresPositionReader(facts._database)


@pytest.mark.parametrize("sort", list(PositionSort))
def test_pages_join_to_the_whole_and_agree_with_the_chain(world, sort):
    """In every order, open and closed alike; held is what the newest balances say."""
    clean_pass(world)
    reader = reader_of(world)
    for wallet in world.history.wallets:
        for status in PositionStatus:
            wanted = PositionFilter(status, sort, with_quotes=True)
            whole = reader.page(wallet, wanted, at=0, after=None, limit=200)
            found, after = [], None
            while page := reader.page(wallet, wanted, at=0, after=after, limit=2):
                found += page.records
                after = page.next_key
                if after is None:
                    break
            assert found == list(whole.records)
            assert all(r.figures["held_raw"] == r.on_chain_raw for r in found)
            assert whole.next_key is None
            assert not whole.head.is_folding


def test_an_explanation_has_all_its_exits(world):
    """Exits a page at a time are those of one page; their profits add up."""
    clean_pass(world)
    reader = reader_of(world)
    wallet = max(world.history.wallets, key=lambda w: len(world.history.listings[w]))
    exits = 0
    for record in reader.page(wallet, PositionFilter(), at=0, after=None, limit=200).records:
        whole = reader.detail(wallet, record.mint, at=0, after=None, limit=200)
        found, after = [], None
        while True:
            page = reader.detail(wallet, record.mint, at=0, after=after, limit=1)
            found += page.exits
            after = page.next_key
            if after is None:
                break
        assert found == list(whole.exits)
        told = [e.document["pnl_lamports"] for e in found]
        assert sum(int(p) for p in told if p) == record.figures["realized_lamports"]
        assert sum(lot.qty_raw for lot in whole.lots) == record.figures["held_raw"]
        ended = record.figures["episodes"] - (whole.record.is_open)
        assert len(whole.episodes) == ended
        exits += len(found)
    assert exits
    assert reader.detail(wallet, wallet, at=0, after=None, limit=1) is None
    assert (
        reader.page(
            "9xQeWvG816bUx9EPjHmaT23yvVM2ZWbrrpZb9PusVFin",
            PositionFilter(),
            at=0,
            after=None,
            limit=1,
        )
        is None
    )
