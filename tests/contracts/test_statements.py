"""How often the store path and the fold ask Postgres: as often for a row as for a hundred."""

from datetime import UTC, datetime

import orjson
import pytest

from local.bench.wire import Relay, Traffic, counted
from local.upstream.generated.chain import GeneratedChain
from local.upstream.generated.people import WalletSpec
from oof.adapters.postgres.connection import Database
from oof.adapters.postgres.fact_store import PostgresFactStore
from oof.adapters.system import SystemClock
from oof.app.advance_positions import advance_positions
from oof.app.apply_wallet import ApplyDeps, apply_wallet
from oof.app.detect_moments import DetectDeps, DetectSizes, detect_moments
from oof.app.portray_wallet import PortrayDeps, portray_wallet
from oof.app.project_wallet import summary_of
from oof.app.store_transactions import store_transactions
from oof.app.value_positions import value_positions
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from tests.support.storing import deps_over, raw_items

SMALL, LARGE = 20, 120
STORE_AT_MOST, APPLY_AT_MOST, VALUE_AT_MOST, VIEW_AT_MOST = 30, 25, 19, 12
LOOK_AT_MOST = 21
PORTRAY_AT_MOST = 20


@pytest.fixture(scope="module")
def chain() -> GeneratedChain:
    """One busy trader."""
    spec = WalletSpec(name="trader", transactions=4 * LARGE, days=30, failure_rate=0.1)
    made = GeneratedChain(seed=21, wallets=(spec,))
    made.catch_up()
    return made


class Counting:
    """The store path of one wallet, over a counting relay."""

    def __init__(self, dsn: str, relay: Relay, chain: GeneratedChain) -> None:
        self.relay = relay
        self.wallet = Address(chain.world.wallet("trader"))
        self.bodies = raw_items(chain.history(self.wallet))
        self.database = Database(lambda: dsn)
        self.facts = PostgresFactStore(self.database)
        self.deps = deps_over(self.facts)
        with self.facts.transaction() as transaction:
            transaction.track(self.wallet, WalletState.SEEN_FULL, at=datetime.now(UTC))

    def store(self, start: int, count: int) -> Traffic:
        """Store so many transactions as one batch."""
        text = orjson.dumps(self.bodies[start : start + count])
        before = self.relay.traffic
        report = store_transactions(text, source="webhook", deps=self.deps)
        assert report.stored + report.known == count
        return self.relay.traffic.since(before)

    def apply(self, count: int) -> Traffic:
        """Apply what is pending: so many rows."""
        before = self.relay.traffic
        deps = ApplyDeps(facts=self.facts, clock=SystemClock())
        assert apply_wallet(self.wallet, deps=deps).appended == count
        return self.relay.traffic.since(before)

    def fold(self) -> Traffic:
        """Fold what was applied."""
        deps = ApplyDeps(facts=self.facts, clock=SystemClock())
        before = self.relay.traffic
        assert advance_positions(self.wallet, deps=deps).folded
        return self.relay.traffic.since(before)

    def value(self) -> Traffic:
        """Value what was folded."""
        deps = ApplyDeps(facts=self.facts, clock=SystemClock())
        before = self.relay.traffic
        assert value_positions(self.wallet, deps=deps).mints
        return self.relay.traffic.since(before)

    def look(self) -> tuple[int, Traffic]:
        """Look at what was valued; return at how many positions that was."""
        deps = DetectDeps(facts=self.facts, clock=SystemClock())
        before = self.relay.traffic
        looked = detect_moments(self.wallet, deps=deps, sizes=DetectSizes(positions=100))
        return looked.positions, self.relay.traffic.since(before)

    def portray(self) -> Traffic:
        """Portray what was valued."""
        deps = PortrayDeps(facts=self.facts, clock=SystemClock())
        before = self.relay.traffic
        assert portray_wallet(self.wallet, deps=deps)
        return self.relay.traffic.since(before)

    def view(self) -> Traffic:
        """Read what a summary is made of."""
        before = self.relay.traffic
        view = self.facts.view(self.wallet)
        assert view is not None
        assert summary_of(view, at=UnixSeconds(0)).tx_count > 0
        return self.relay.traffic.since(before)


@pytest.fixture
def counting(postgres_dsn, chain):
    """A fresh database behind a relay, warm: its first batch met every table."""
    with counted(postgres_dsn) as (dsn, relay):
        made = Counting(dsn, relay, chain)
        made.store(0, SMALL)
        made.apply(SMALL)
        yield made
        made.database.close()


def test_storing_asks_as_often_for_few_as_for_many(counting):
    """Statements and round trips of a store batch do not grow with its transactions."""
    few = counting.store(SMALL, SMALL)
    many = counting.store(2 * SMALL, LARGE)

    assert many == few
    assert 0 < many.round_trips <= many.statements <= STORE_AT_MOST


def test_storing_again_asks_no_more(counting):
    """A batch that is delivered again costs no more statements than a new one."""
    first = counting.store(SMALL, LARGE)

    assert counting.store(SMALL, LARGE).statements <= first.statements


def test_applying_asks_as_often_for_few_as_for_many(counting):
    """Statements and round trips of a fold do not grow with the rows it applies."""
    counting.store(SMALL, SMALL)
    few = counting.apply(SMALL)
    counting.store(2 * SMALL, LARGE)
    many = counting.apply(LARGE)

    assert many == few
    assert 0 < many.round_trips <= many.statements <= APPLY_AT_MOST


def test_valuing_asks_as_often_for_few_as_for_many(counting):
    """Nor do those of folding and valuing, up to a page of trades, however many mints."""
    counting.fold()
    counting.value()
    counts = []
    for start, count in ((SMALL, SMALL), (2 * SMALL, LARGE)):
        counting.store(start, count)
        counting.apply(count)
        counts.append((counting.fold(), counting.value()))

    few, many = counts
    assert many[1] == few[1]
    assert 0 < many[1].round_trips <= many[1].statements <= VALUE_AT_MOST
    assert many[0].statements <= few[0].statements + 1


def test_looking_asks_as_often_for_one_as_for_many(counting):
    """Nor do those of detecting, however many positions and transactions it looks at."""
    looks = []
    for start, count in ((SMALL, SMALL), (2 * SMALL, LARGE)):
        counting.store(start, count)
        counting.apply(count)
        counting.fold()
        counting.value()
        looks.append(counting.look())

    (few, asked), (many, again) = looks
    assert 0 < few < many
    assert again.statements <= asked.statements
    assert 0 < again.round_trips <= again.statements <= LOOK_AT_MOST
    assert asked.statements <= LOOK_AT_MOST


def test_portraying_asks_as_often_for_few_as_for_many(counting):
    """Nor do those of a portrait, up to a page of trades."""
    counts = []
    for start, count in ((SMALL, SMALL), (2 * SMALL, LARGE)):
        counting.store(start, count)
        counting.apply(count)
        counting.fold()
        counting.value()
        counts.append(counting.portray())

    few, many = counts
    assert many == few
    assert 0 < many.round_trips <= many.statements <= PORTRAY_AT_MOST


def test_projecting_asks_as_often_for_few_as_for_many(counting):
    """A summary's view takes the same statements however much the wallet did."""
    few = counting.view()
    counting.store(SMALL, LARGE)
    counting.apply(LARGE)
    many = counting.view()

    assert many == few
    assert 0 < many.statements <= VIEW_AT_MOST


def test_what_grows_is_seen(counting):
    """The counts can fail: a statement a row shows as one a row."""
    before = counting.relay.traffic
    with counting.database.transaction() as cursor:
        for place in range(LARGE):
            cursor.execute("SELECT %s::int4", (place,))

    sent = counting.relay.traffic.since(before)
    assert sent.statements >= LARGE
    assert sent.round_trips >= LARGE
