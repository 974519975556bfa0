"""Backfills over a generated chain: what is fetched, how often, and what is known afterwards."""

import pytest

from local.upstream.faults import Fault, FaultKind
from oof.app.finish_chunk import LOOK_EVERY_S, LOOKS
from oof.app.open_wallet import open_wallet, start_backfill
from oof.domain.backfill import Mode, days_before
from oof.domain.jobs import WorkStatus
from oof.domain.snapshot.model import WalletState
from oof.domain.units import Address, UnixSeconds
from oof.entrypoints.step import MAX_STATE_BYTES
from oof.ports.workflow import Run

CALLER = "203.0.113.7"


def opened(world, name):
    """Open a wallet and run what was started; return the execution."""
    open_wallet(world.opening, world.wallet(name), caller=CALLER)
    [execution] = world.execute_started()
    assert execution.succeeded
    return execution


def deepened(world, name, days=730):
    """Bring in older history; return the execution and its work."""
    work = start_backfill(world.opening, world.wallet(name), days=days)
    [execution] = world.execute_started()
    return execution, world.works.get(work.work_id)


def assert_asked_once(world):
    """No body was asked for by signature twice, none came down the store path twice."""
    assert set(world.counters.bodies_requested.values()) <= {1}
    assert set(world.facts.stores.values()) == {1}


def test_prices_are_asked_for_once_a_run_is_over(world):
    """Not after each chunk: by then more of the same mints may have come in."""
    opened(world, "trader")
    assert len(world.asked_for_prices) == 1

    deepened(world, "trader")
    assert len(set(world.asked_for_prices)) == 2


def test_what_tokens_are_called_is_asked_once_a_history_is_in(world):
    """Nobody waits for the clock to see symbols; a tail, of which there are many, asks nothing."""
    opened(world, "trader")
    assert len(world.asked_for_tokens) == 1

    world.execute(Run(run_id="tail-x", wallet=world.wallet("trader"), mode=Mode.TAIL))
    assert len(world.asked_for_prices) == 2
    assert len(world.asked_for_tokens) == 1


def test_chunks_that_hold_little_grow_longer(world):
    """Thirty days, then sixty, and so on: half a year of little costs three chunks, not seven."""
    opened(world, "trader")
    folds = len(world.asked_to_fold)

    deepened(world, "trader")

    assert len(world.asked_to_fold) - folds == 3


def test_opening_brings_in_the_newest_days_alone(world):
    """At most the 14 days before the newest transaction are stored, the rest is left."""
    opened(world, "trader")

    known = world.store.coverage(world.wallet("trader"))
    assert known.state is WalletState.SEEN_PARTIAL
    assert world.store.stopped_by(world.wallet("trader")) == "days"
    records = [world.chain.record(s) for s in world.history("trader")]
    floor = days_before(UnixSeconds(records[-1].block_time), 14)
    expected = {r.signature for r in records if r.block_time >= floor}
    assert world.facts.linked[world.wallet("trader")] == expected
    assert known.oldest_time == floor
    assert_asked_once(world)


def test_the_first_page_is_small(make_world):
    """The first numbers come after 25 signatures, the rest follows in larger pages."""
    world = make_world(open_days=100)
    opened(world, "trader")

    events = world.works.events(next(iter(world.works._works)), after_seq=0, limit=50)
    done = [event.progress.done for event in events if event.note == "page_stored"]
    assert 25 <= done[0] <= 27
    assert len(done) > 1


def test_deep_history_ends_with_the_whole_wallet(world):
    """Chunk after chunk is fetched until every listing ends, and nothing is asked for twice."""
    opened(world, "trader")
    execution, work = deepened(world, "trader")

    assert execution.succeeded
    assert work.status is WorkStatus.SUCCEEDED
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))
    known = world.store.coverage(world.wallet("trader"))
    assert known.state is WalletState.SEEN_FULL
    assert known.is_complete
    assert_asked_once(world)


def test_deep_history_stops_where_it_was_asked_to(world):
    """Thirty days asked for are thirty days stored, and the coverage says so."""
    opened(world, "trader")
    _, work = deepened(world, "trader", days=30)

    target = days_before(work.created_at, 30)
    expected = {s for s in world.history("trader") if world.chain.record(s).block_time >= target}
    assert world.facts.linked[world.wallet("trader")] >= expected
    known = world.store.coverage(world.wallet("trader"))
    assert known.oldest_time == target
    assert work.status is WorkStatus.SUCCEEDED


def test_chunks_are_bounded_by_signatures(make_world):
    """A chunk ends after its signatures, the wallet is folded, and the next chunk goes on."""
    world = make_world(chunk_signatures=30, page=10)
    opened(world, "trader")
    world.facts.is_lagging = LOOKS + 1
    execution, _ = deepened(world, "trader")

    assert execution.visited.count("Let it fold") == 1
    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))
    assert_asked_once(world)


def test_a_fold_that_ends_soon_is_waited_for_within_the_step(make_world):
    """A fraction of a second costs no turn of the workflow, nor a whole second."""
    world = make_world(chunk_signatures=30, page=10)
    opened(world, "trader")
    begun = world.clock.now()
    world.facts.is_lagging = LOOKS - 1
    execution, _ = deepened(world, "trader")

    assert "Let it fold" not in execution.visited
    assert (world.clock.now() - begun).total_seconds() <= LOOKS * LOOK_EVERY_S


def test_the_ceiling_of_opening_is_a_count_too(make_world):
    """A wallet with more signatures than opening allows stops there, and says why."""
    world = make_world(open_signatures=30, open_days=365)
    opened(world, "trader")

    wallet = world.wallet("trader")
    assert 30 <= len(world.facts.linked[wallet]) <= 32
    assert world.store.stopped_by(wallet) == "signatures"
    assert world.store.coverage(wallet).state is WalletState.SEEN_PARTIAL


def test_state_stays_small(make_world):
    """What steps hand on is far below the workflow service's limit, however long the history."""
    world = make_world(open_days=365)
    execution = opened(world, "trader")

    assert execution.largest_state < 2_000 < MAX_STATE_BYTES


def test_shared_signatures_are_fetched_once(world):
    """A second wallet asks for none of the bodies that came with the first."""
    opened(world, "trader")
    deepened(world, "trader")
    shared = set(world.history("trader")) & set(world.history("friend"))
    assert shared
    before = dict(world.counters.bodies_requested)

    opened(world, "friend")
    deepened(world, "friend")

    newly = set(world.counters.bodies_requested) - set(before)
    assert not newly & shared
    assert world.facts.linked[world.wallet("friend")] == set(world.history("friend"))
    assert_asked_once(world)


def test_pages_that_repeat_bodies_are_counted(make_world, has_history_pages):
    """A page read for what lacks brings stored bodies again: dropped, and on the run's record."""
    world = make_world(open_days=365)
    known = world.history("trader")[-20::2]
    world.facts.store(b"[" + b",".join(world.provider.chain().transactions(known).values()) + b"]")
    world.counters.reset()
    opened(world, "trader")

    [record] = world.store.runs.values()
    brought = sum(world.counters.page_bodies.values())
    asked = sum(world.counters.bodies_requested.values())
    assert record.repeats == brought + asked - (len(world.history("trader")) - len(known))
    assert (record.repeats > 0) == has_history_pages
    assert not set(known) & set(world.counters.bodies_requested)


def test_a_second_analysis_makes_no_call(world):
    """Coverage spans the request and the tail is fresh: the run ends where it began."""
    opened(world, "trader")
    deepened(world, "trader", days=60)
    before = world.provider.calls

    execution, work = deepened(world, "trader", days=30)

    assert execution.visited == ("Plan", "Route", "Done")
    assert world.provider.calls == before
    assert work.status is WorkStatus.SUCCEEDED


def test_a_stale_tail_costs_only_the_gap(world):
    """After two minutes only what happened since is listed and fetched."""
    opened(world, "friend")
    deepened(world, "friend")
    world.pass_(600)
    new = world.chain.append("friend", 2, "transfer")
    world.pass_(600)
    world.counters.reset()

    _, work = deepened(world, "friend", days=30)

    fetched = set(world.counters.bodies_requested) | set(world.counters.page_bodies)
    assert fetched == set(new)
    assert work.status is WorkStatus.SUCCEEDED
    assert set(new) <= world.facts.linked[world.wallet("friend")]
    assert world.store.coverage(world.wallet("friend")).state is WalletState.SEEN_FULL


def test_history_goes_on_below_a_stale_tail(world):
    """One run brings in both ends: what happened since, then what was asked for below."""
    opened(world, "trader")
    world.pass_(600)
    world.chain.append("trader", 1, "transfer")
    deepened(world, "trader")

    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))
    assert world.store.coverage(world.wallet("trader")).is_complete
    assert_asked_once(world)


def test_an_empty_wallet_is_fully_seen(world):
    """A wallet without any transaction has nothing that could lack."""
    opened(world, "empty")

    known = world.store.coverage(world.wallet("empty"))
    assert known.state is WalletState.SEEN_FULL
    assert known.tail_checked_at is not None
    assert not world.facts.stores


def test_a_too_active_wallet_is_not_fetched(make_world):
    """So many signatures within a day cost a listing, and no body."""
    world = make_world(too_active_per_day=100)
    open_wallet(world.opening, world.wallet("bot"), caller=CALLER)
    world.execute_started()

    assert world.store.coverage(world.wallet("bot")).state is WalletState.TOO_ACTIVE
    assert not world.counters.bodies_requested
    assert not world.counters.page_bodies
    [work] = world.works._works.values()
    assert (work.status, work.reason) == (WorkStatus.FAILED, "too_active")


def test_history_of_an_unseen_wallet_is_guarded_too(make_world):
    """Asking for older history first does not get around the guard."""
    world = make_world(too_active_per_day=100)
    _, work = deepened(world, "bot")

    assert (work.status, work.reason) == (WorkStatus.FAILED, "too_active")
    assert not world.facts.stores


def test_a_plan_without_histories_is_found_out(world, has_history_pages):
    """A provider that refuses histories is asked by signatures from then on, the run goes on."""
    world.provider.upstream.has_address_history = False
    opened(world, "friend")

    assert world.store.coverage(world.wallet("friend")).state is WalletState.SEEN_FULL
    assert world.facts.linked[world.wallet("friend")] == set(world.history("friend"))
    assert world.counters.calls["getTransactionsForAddress"] == int(has_history_pages)


def test_a_plan_that_ends_between_two_steps_is_found_out(world, has_history_pages):
    """Bodies of a page whose plan ended are asked for by signature."""
    steps = world.tasks()
    fetch = steps["step_fetch_transactions"]

    def after_the_plan(state):
        world.provider.upstream.has_address_history = False
        return fetch(state)

    world.tasks = lambda: {**steps, "step_fetch_transactions": after_the_plan}
    opened(world, "friend")

    assert world.facts.linked[world.wallet("friend")] == set(world.history("friend"))
    assert world.counters.calls["getTransactionsForAddress"] == 2 * int(has_history_pages)


def test_known_pools_are_refused_without_a_look(world):
    """The authorities of whole venues look like wallets; they are known by name."""
    pool = Address("5Q544fKrFoe6tsEbD7S8EmxGTJYAKTVVhAW5Q5pge4j1")
    open_wallet(world.opening, pool, caller=CALLER)
    world.execute_started()

    assert world.store.coverage(pool).state is WalletState.REFUSED
    assert world.provider.calls == 0


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("program", "refused_executable"),
        ("token_account", "refused_token_account"),
        ("pool", "refused_program_account"),
    ],
)
def test_what_is_no_wallet_is_refused(world, role, reason):
    """The guard costs one look, and remembers: asking again costs nothing."""
    [address] = [Address(r["address"]) for r in world.chain.describe() if r["role"] == role]
    world.counters.reset()
    open_wallet(world.opening, address, caller=CALLER)
    world.execute_started()
    asked = dict(world.counters.calls)
    open_wallet(world.opening, address, caller=CALLER)
    world.execute_started()

    assert world.store.coverage(address).state is WalletState.REFUSED
    [work] = world.works._works.values()
    assert work.reason in {reason, "refused"}
    assert asked == {"getMultipleAccounts": 1} == dict(world.counters.calls)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RATE_LIMITED,
        FaultKind.SERVER_ERROR,
        FaultKind.TRUNCATED,
        FaultKind.RPC_ERROR,
        FaultKind.DUPLICATES,
    ],
)
def test_passing_faults_change_nothing(world, kind):
    """Every second call fails for a while; the wallet ends the same, each body stored once."""
    world.provider.upstream.faults.replace(
        [Fault(method="*", kind=kind, count=8, probability=0.5, retry_after=0)], seed=3
    )
    opened(world, "trader")
    deepened(world, "trader")

    assert world.facts.linked[world.wallet("trader")] == set(world.history("trader"))
    assert set(world.facts.stores.values()) == {1}


def test_a_failing_provider_leaves_the_state_and_the_error(world):
    """A run that gives up keeps the wallet's state, says what went wrong, and when to try again."""
    open_wallet(world.opening, world.wallet("trader"), caller=CALLER)
    fault = Fault(method="*", kind=FaultKind.SERVER_ERROR, count=None)
    world.provider.upstream.faults.replace([fault])
    [execution] = world.execute_started()

    assert not execution.succeeded
    known = world.store.coverage(world.wallet("trader"))
    assert known.state is WalletState.WARMING_UP
    error = world.store.last_error(world.wallet("trader"))
    assert error.code == "upstream_unavailable"
    assert error.retry_at > error.at
    [work] = world.works._works.values()
    assert (work.status, work.reason) == (WorkStatus.FAILED, "upstream_unavailable")


def test_the_next_attempt_asks_only_for_what_lacks(make_world):
    """A run that died after a page goes on there: stored bodies are not asked for again."""
    world = make_world(open_days=100)
    fault = Fault(method="*", kind=FaultKind.SERVER_ERROR, count=None, skip=4)
    world.provider.upstream.faults.replace([fault])
    open_wallet(world.opening, world.wallet("trader"), caller=CALLER)
    [dead] = world.execute_started()
    assert not dead.succeeded
    world.provider.upstream.faults.replace([])
    stored = set(world.facts.stores)
    world.counters.reset()

    opened(world, "trader")

    assert not stored & set(world.counters.bodies_requested)
    assert world.store.last_error(world.wallet("trader")) is None
    assert set(world.facts.stores.values()) == {1}


def test_bodies_the_provider_lacks_are_asked_for_again_later(world):
    """A listed signature without a body keeps the wallet partial until the body is there."""
    [lost] = world.history("friend")[-1:]
    wallet = world.wallet("friend")
    world.facts.loses.add(lost)
    execution = opened(world, "friend")
    assert execution.visited.count("Wait for lease") == 2
    known = world.store.coverage(wallet)
    assert known.unavailable == (lost,)
    assert known.state is WalletState.SEEN_PARTIAL

    world.facts.loses.clear()
    deepened(world, "friend")

    assert lost in world.facts.linked[wallet]
    assert world.store.coverage(wallet).unavailable == ()
    assert world.store.coverage(wallet).state is WalletState.SEEN_FULL


def test_a_run_waits_for_what_another_is_fetching(world):
    """Leased signatures are left to their holder, and taken over when its lease ends."""
    history = world.history("friend")
    at = UnixSeconds(int(world.clock.now().timestamp()))
    world.store.lease("another-run", history[-3:], at=at, until=UnixSeconds(at + 60))
    execution = opened(world, "friend")

    assert "Wait for lease" in execution.visited
    assert world.clock.now().timestamp() >= at + 60
    assert set(history[-3:]) <= world.facts.linked[world.wallet("friend")]
    assert_asked_once(world)


def test_a_cancelled_run_stops_between_chunks(make_world):
    """What is stored stays; the run ends cancelled at the next chunk's end."""
    world = make_world(chunk_signatures=30, page=30)
    opened(world, "trader")
    work = start_backfill(world.opening, world.wallet("trader"), days=730)
    world.works.request_cancel(work.work_id, work.attempt, at=work.created_at)
    [execution] = world.execute_started()

    assert execution.succeeded
    assert world.works.get(work.work_id).status is WorkStatus.CANCELLED
    stored = world.facts.linked[world.wallet("trader")]
    assert 30 <= len(stored) < len(world.history("trader"))


def test_a_lagging_fold_ends_the_run_partial(world):
    """A fold that never catches up is left to itself: the run ends, the wallet warms on."""
    world.facts.is_lagging = 10_000
    opened(world, "friend")

    [work] = world.works._works.values()
    assert (work.status, work.reason) == (WorkStatus.PARTIAL, "fold_lagging")
    assert world.store.coverage(world.wallet("friend")).state is WalletState.WARMING_UP


def test_a_tail_run_needs_a_tracked_wallet(world):
    """A run over a wallet nobody tracks is a failure of its own, and fetches nothing."""
    wallet = world.wallet("friend")
    execution = world.execute(Run(run_id="tail-x", wallet=wallet, mode=Mode.TAIL))

    assert not execution.succeeded
    assert world.provider.calls == 0


def test_every_step_may_run_twice(world):
    """A step whose answer was lost runs again: nothing is stored twice, the end is the same."""
    once = world.tasks()

    def twice(name):
        return lambda state: (once[name](state), once[name](state))[1]

    world.tasks = lambda: {name: twice(name) for name in once}
    opened(world, "friend")

    assert world.facts.linked[world.wallet("friend")] == set(world.history("friend"))
    assert world.store.coverage(world.wallet("friend")).state is WalletState.SEEN_FULL


def test_stored_bodies_keep_the_listing_s_index(world, has_history_pages):
    """Where a listing tells a transaction's place in its block, the body carries it."""
    opened(world, "friend")

    indexed = [body for body in world.facts.bodies.values() if "transactionIndex" in body]
    assert len(indexed) == (len(world.facts.bodies) if has_history_pages else 0)
