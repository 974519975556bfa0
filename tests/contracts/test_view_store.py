"""The contract of views, held by the facts in memory and by Postgres."""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.postgres.price_store import PostgresPriceStore
from oof.adapters.postgres.view_store import PostgresViewStore
from oof.app.advance_wallet import advance_wallet
from oof.app.fold_view import FoldViewDeps, ViewSizes, fold_view
from oof.app.request_view import params_of, view_id_of
from oof.domain.errors import Conflict
from oof.domain.jobs import WorkKind, WorkRequest, WorkStatus
from oof.domain.positions.codec import decode_position
from oof.domain.positions.days import DayFigures
from oof.domain.positions.events import of_wallet
from oof.domain.positions.group import group_choice
from oof.domain.positions.lots import Method
from oof.domain.positions.stored import HistoryEvent, chain_order, fold_page
from oof.domain.positions.valuation import Prices
from oof.domain.positions.valuing import SolLegs
from oof.domain.prices.book import Span
from oof.domain.prices.candles import Source, Width, flat
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.snapshot.model import WalletState
from oof.domain.units import SOL_MINT, Address, UnixSeconds
from oof.ports.finality import Landing
from oof.ports.memory.facts import MemoryFactStore
from oof.ports.memory.jobs import MemoryWorkStore
from oof.ports.memory.prices import MemoryPriceStore
from oof.ports.memory.views import MemoryViewStore
from oof.ports.position_pages import PositionFilter
from oof.ports.views import ViewKey
from tests.contracts.test_position_store import bodies, reader_of
from tests.exactly_once.histories import generated_history
from tests.exactly_once.world import World, clean_pass

SEED, SIZE = 11, 9
OWNER = "203.0.113.7"


class Stores(NamedTuple):
    """What views are made of, and where they are kept."""

    facts: Any
    prices: Any
    views: Any
    others: Any
    """The same views, as somebody else reaches them."""


@pytest.fixture(params=["memory", "postgres"])
def stores(request):
    """Each implementation, empty."""
    if request.param == "memory":
        facts, prices = MemoryFactStore(), MemoryPriceStore()
        views = MemoryViewStore(facts, prices)
        yield Stores(facts, prices, views, views)
        return
    dsn = request.getfixturevalue("postgres_dsn")
    database, other = Database(lambda: dsn), Database(lambda: dsn)
    yield Stores(
        PostgresFactStore(database),
        PostgresPriceStore(database),
        PostgresViewStore(database),
        PostgresViewStore(other),
    )
    database.close()
    other.close()


@pytest.fixture
def world(stores):
    """A world on the stores, its whole history told."""
    world = World(generated_history(SEED, SIZE), stores.facts)
    clean_pass(world)
    return world


class Caller:
    """Asks for views, and has them worked out."""

    def __init__(self, stores, world, owner=OWNER):
        self.views, self.world, self.owner = stores.views, world, owner
        self.works = MemoryWorkStore()
        self.sizes = ViewSizes()

    def ask(self, *wallets, method=Method.FIFO, realize=False):
        """Work a view out; return its id and how that ended."""
        choice = group_choice(wallets, method=method, realize_exchange_transfers=realize)
        request = WorkRequest(
            kind=WorkKind.FOLD_VIEW,
            wallet=choice.wallets[0],
            params=params_of(choice, self.owner),
        )
        begun = self.works.begin(request, at=UnixSeconds(1), stale_after_s=1).work
        deps = FoldViewDeps(
            views=self.views, works=self.works, clock=self.world.clock, sizes=self.sizes
        )
        folded = fold_view(
            begun.work_id, begun.attempt, receives=1, is_in_time=lambda: True, deps=deps
        )
        return view_id_of(begun.work_id), folded

    def page(self, view_id, after=None, limit=500, owner=None, later=timedelta()):
        """Read a view."""
        at = self.world.clock.now() + later
        return self.views.page(view_id, owner=owner or self.owner, at=at, after=after, limit=limit)


@pytest.fixture
def caller(stores, world):
    """A caller."""
    return Caller(stores, world)


def by_mint(page):
    """A view's positions."""
    return {each.position.mint: each for each in page.records}


def test_one_wallet_by_default_is_what_is_stored_of_it(world, caller):
    """Lot for lot and lamport for lamport, whatever its pages; what is on chain beside it."""
    for size, wallet in enumerate(world.history.wallets, 1):
        caller.sizes = ViewSizes(page=size)
        view_id, folded = caller.ask(wallet)
        assert folded.status is WorkStatus.SUCCEEDED

        stored = reader_of(world).page(
            wallet, PositionFilter(with_quotes=True), at=0, after=None, limit=500
        )
        found = by_mint(caller.page(view_id))
        assert found.keys() == {each.mint for each in stored.records}
        for each in stored.records:
            record = found[each.mint]
            assert record.position.figures == each.figures
            assert record.position.is_open == each.is_open
            assert (record.position.last_slot, record.position.last_at) == (
                each.last_slot,
                each.last_at,
            )
            assert (record.mint_id, record.decimals, record.on_chain_raw) == (
                each.mint_id,
                each.decimals,
                each.on_chain_raw,
            )


def test_a_group_holds_what_its_members_hold(world, caller):
    """A transaction of several members counts once, and what they pass on is neither in nor out."""
    wallets = world.history.wallets
    view_id, folded = caller.ask(*wallets)
    found = by_mint(caller.page(view_id))

    together = {body.signature for body in bodies(world) if body.participants & {*wallets}}
    assert folded.transactions == len(together)
    alone = [by_mint(caller.page(caller.ask(wallet)[0])) for wallet in wallets]
    for mint, record in found.items():
        parts = [view[mint] for view in alone if mint in view]
        assert record.on_chain_raw == sum(part.on_chain_raw for part in parts)
        figures = [part.position.figures for part in parts]
        assert _left(record.position.figures) == sum(map(_left, figures))
        for name in ("arrived_raw", "left_raw"):
            assert record.position.figures[name] <= sum(each[name] for each in figures)


def _left(figures):
    return figures["held_raw"] + figures["aside_raw"] - figures["short_raw"]


@pytest.mark.parametrize("method", list(Method))
def test_pages_of_history_join_to_the_whole(world, caller, method):
    """By every method, a view does not depend on how it was read."""
    view_id, _ = caller.ask(*world.history.wallets, method=method)
    caller.sizes = ViewSizes(page=3)

    again, folded = caller.ask(*reversed(world.history.wallets), method=method)

    assert (again, folded.is_changed) == (view_id, False)


def test_asking_again_changes_nothing_but_how_long_it_is_kept(world, caller):
    """The same facts are the same view, made when it was made."""
    view_id, first = caller.ask(*world.history.wallets)
    before = caller.page(view_id)
    world.clock.pass_(3_600)

    _, again = caller.ask(*world.history.wallets)

    after = caller.page(view_id)
    assert (first.is_changed, again.is_changed) == (True, False)
    assert after.expires_at - before.expires_at >= timedelta(hours=1)
    assert after._replace(expires_at=before.expires_at) == before


def test_new_facts_are_another_view_in_the_same_place(stores, world, caller):
    """Nothing of the one before is left."""
    wallet = max(world.history.wallets, key=lambda w: len(world.history.listings[w]))
    view_id, _ = caller.ask(wallet)
    before = caller.page(view_id)
    with stores.views.snapshot() as snapshot:
        gone = replace(before.head, digest="00" * 32, transactions=0)
        assert snapshot.keep(gone, (), {}, at=world.clock.now(), expires_at=before.expires_at)
    assert caller.page(view_id).records == ()

    _, folded = caller.ask(wallet)

    after = caller.page(view_id)
    assert folded.is_changed
    assert after.records == before.records
    assert after.computed_at > before.computed_at


def test_a_view_says_how_its_members_stood(stores, world, caller):
    """Up to which slot, and why it may still change; a wallet never tracked is unseen."""
    stranger = Address("9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM")
    wallet = world.history.wallets[0]

    view_id, _ = caller.ask(wallet, stranger)

    head = caller.page(view_id).head
    members = {member.wallet: member for member in head.members}
    with stores.facts.transaction():
        newest = stores.facts.view(wallet).span.newest_slot
    assert members[wallet].as_of_slot == newest
    assert members[stranger].state is WalletState.UNSEEN
    assert (members[stranger].as_of_slot, members[stranger].is_history_partial) == (None, True)
    assert head.choice.wallets == tuple(sorted([wallet, stranger]))
    assert (head.choice.method, head.exchanges_version) == (Method.FIFO, None)


def test_totals_are_the_sums_of_the_positions(world, caller):
    """Of tokens, over all pages."""
    view_id, _ = caller.ask(*world.history.wallets, method=Method.HIFO, realize=True)

    head, after = caller.page(view_id).head, None
    pages: list[Any] = []
    while after is not None or not pages:
        page = caller.page(view_id, after=after, limit=2)
        pages.append(page.records)
        after = page.next_key
    records = [each for page in pages for each in page]

    keys = [ViewKey(r.position.figures["realized_lamports"], r.mint_id) for r in records]
    assert keys == sorted(keys, reverse=True)
    assert len(pages) > 1
    assert records == list(caller.page(view_id).records)
    tokens = [r for r in records if r.position.mint != SOL_MINT]
    assert head.totals.realized_lamports == sum(
        r.position.figures["realized_lamports"] for r in tokens
    )
    assert head.totals.usd.pending == sum(r.position.usd.realized.pending for r in tokens)
    assert head.exchanges_version == 1


def test_dollars_are_those_of_stored_positions(stores, world, caller):
    """Whatever has a price: the same sums of exits, and the same cost of what is held."""
    told = bodies(world)
    if isinstance(stores.prices, MemoryPriceStore):
        stores.prices.store(told)
    stores.prices.note_trades(sol_usd=150, oldest_day=0)
    hours = sorted({body.block_time // 3_600 for body in told})
    stores.prices.keep(
        {
            SOL_MINT: [
                flat(UnixSeconds(hour * 3_600), Width.HOUR, Decimal(200 + place), Source.PYTH, 95)
                for place, hour in enumerate(hours)
            ]
        }
    )
    decimals = {mint: told for body in told for mint, told in body.decimals.items()}
    book = stores.prices.book(
        Span(mint, UnixSeconds(hour * 3_600), UnixSeconds(hour * 3_600 + 3_600))
        for mint in decimals
        for hour in hours
    )
    prices, counted = Prices(book=book), 0

    for wallet in world.history.wallets:
        found = by_mint(caller.page(caller.ask(wallet)[0]))
        for mint, (realized, open_) in straight(world, wallet, prices).items():
            usd = found[mint].position.usd
            assert (usd.realized, usd.open) == (realized, open_)
            counted += realized.proceeds_usd > 0
    assert counted


def straight(world, wallet, prices):
    """Fold and value a wallet's whole history at once, without any store."""
    events = [
        HistoryEvent(place, of_wallet(body, wallet), ())
        for place, body in enumerate(bodies(world))
        if wallet in body.participants
    ]
    marks = marks_by_signature(world, wallet)
    events = [each._replace(balances=marks[each.transaction.signature]) for each in events]
    rows = fold_page(
        sorted(events, key=chain_order), stored=(), known_accounts=frozenset(), valuer=SolLegs()
    )
    sums: dict[Any, DayFigures] = defaultdict(DayFigures)
    for row in rows.exits:
        sums[row.mint].add_exit(prices.exit(row))
    return {
        row.mint: (
            sums[row.mint],
            prices.lots(row.mint, decode_position(row.mint, row.state).book.lots),
        )
        for row in rows.positions
        if row.mint != SOL_MINT
    }


def marks_by_signature(world, wallet):
    """What the wallet's accounts held before each transaction."""
    numbers: dict[Any, int] = defaultdict(lambda: len(numbers))
    return {
        body.signature: tuple(
            BalanceMark(numbers[b.account, b.mint], b.mint, b.pre_raw, b.post_raw)
            for b in body.balances
            if b.owner == wallet
        )
        for body in bodies(world)
    }


def test_a_view_is_its_owner_s_alone_and_expires(stores, world, caller):
    """To others, and after its time, it is not there; then it is dropped, with its positions."""
    view_id, _ = caller.ask(world.history.wallets[0])
    week = timedelta(days=7, minutes=1)

    assert caller.page(view_id) is not None
    assert caller.page(view_id, owner="198.51.100.1") is None
    assert caller.page(view_id, later=week) is None
    assert caller.page("00" * 16) is None

    now = world.clock.now()
    assert stores.views.drop_expired(at=now, limit=9) == 0
    assert stores.views.drop_expired(at=now + week, limit=9) == 1
    assert stores.views.drop_expired(at=now + week, limit=9) == 0
    assert caller.page(view_id) is None


class _Crash(Exception):
    """Somebody dies."""


def test_a_crash_keeps_nothing(stores, world, caller):
    """What was there stays as it was."""
    view_id, _ = caller.ask(world.history.wallets[0])
    before = caller.page(view_id)

    def die():
        with stores.views.snapshot() as snapshot:
            gone = replace(before.head, digest="00" * 32)
            snapshot.keep(gone, (), {}, at=world.clock.now(), expires_at=before.expires_at)
            raise _Crash

    with pytest.raises(_Crash):
        die()
    assert caller.page(view_id) == before


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize("digest", ["00" * 32, "11" * 32])
def test_of_two_at_once_one_is_kept_and_the_other_tries_again(
    stores, world, caller, is_there, digest
):
    """Whether there was one before or not, and whether they came to the same or not."""
    view_id, _ = caller.ask(world.history.wallets[0])
    page = caller.page(view_id)
    made, until = page.head, page.expires_at
    if not is_there:
        made = replace(made, view_id="ab" * 16)
    one, two = replace(made, digest=digest), replace(made, digest="00" * 32)

    def race():
        with stores.views.snapshot() as first:
            first.members(made.choice.wallets)
            with stores.others.snapshot() as second:
                second.keep(two, (), {}, at=world.clock.now(), expires_at=until)
            first.keep(one, (), {}, at=world.clock.now(), expires_at=until)

    with pytest.raises(Conflict):
        race()
    assert caller.page(made.view_id).head == two


def test_what_was_dropped_by_the_chain_is_in_no_view(stores, world, caller):
    """Only what is live in some member's ledger is folded."""
    wallet = max(world.history.wallets, key=lambda w: len(world.history.listings[w]))
    _, before = caller.ask(wallet)
    with stores.facts.transaction() as transaction:
        head = transaction.lock_positions(wallet)
        lost = transaction.history(head.wallet_id, after=None, limit=500)[-1]
        transaction.revoke([Landing(lost.tx_id, None)], at=world.clock.now())
    advance_wallet(wallet, receives=1, deps=world.advancing)

    _, after = caller.ask(wallet)

    assert after.transactions == before.transactions - 1
