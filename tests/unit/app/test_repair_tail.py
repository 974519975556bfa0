"""Tail repair: a cheap look tells who moved, and only those are listed, so many at once."""

from datetime import UTC, datetime

import orjson

from oof.app.open_wallet import open_wallet
from oof.app.repair_tail import TailCheckDeps, check_tail, start_tails
from oof.domain.backfill import Reach
from oof.domain.evidence import AUDIT_EVERY_S, LastBalance, Reason, moment_before
from oof.domain.snapshot.model import LastError
from oof.domain.units import RawAmount, Slot, UnixSeconds
from oof.ports.memory.blobs import MemoryBlobs
from oof.ports.memory.upstream import MemoryChainSource
from tests.support.transactions import address


def quiet_time(world, *names):
    """Return a time after which no wallet's hourly look or audit comes for a while."""
    later = UnixSeconds(now_of(world) + 1_800)
    wallets = [world.wallet(name) for name in names]
    while any(later - moment_before(w, later, every_s=3_600) < 1_800 for w in wallets):
        later = UnixSeconds(later + 60)
    return datetime.fromtimestamp(later - 1_800, UTC)


def settle(world, *names):
    """Open wallets, and let them get old enough to be looked at, no moment of theirs being near."""
    world.clock.at = quiet_time(world, *names)
    for name in names:
        open_wallet(world.opening, world.wallet(name), caller="203.0.113.7")
    world.execute_started()
    world.pass_(90)
    world.counters.reset()


def test_unmoved_wallets_cost_one_look(world):
    """Balances as we know them: one call for all, nothing listed, and the check is recorded."""
    settle(world, "friend", "empty")
    checked = world.clock.now().timestamp()

    execution = world.repair_tail()

    assert execution.succeeded
    assert not world.starter.runs
    assert dict(world.counters.calls) == {"getMultipleAccounts": 1}
    for name in ("friend", "empty"):
        assert world.store.coverage(world.wallet(name)).tail_checked_at == checked


def test_moved_wallets_alone_are_listed(world):
    """What moved is brought in by a run of its own, and by nothing but its gap."""
    settle(world, "friend", "trader")
    [signature] = world.chain.append("trader", 1, "failed")
    world.pass_(60)

    world.repair_tail()
    moved = {run.wallet for run in world.starter.runs.values()}
    [execution] = world.execute_started()

    assert moved == {world.wallet("trader")}
    assert execution.succeeded
    assert signature in world.facts.linked[world.wallet("trader")]
    asked = set(world.counters.bodies_requested) | set(world.counters.page_bodies)
    assert asked == {signature}


def test_what_a_webhook_may_be_about_to_deliver_is_looked_at_twice(world):
    """A live wallet that was confirmed just now is listed only if it still differs next time."""
    settle(world, "friend", "trader")
    friend, trader = world.wallet("friend"), world.wallet("trader")
    assert look(world) == 0
    for wallet in (friend, trader):
        world.facts.unexplained[wallet] = 5
    world.store.rows[friend].live_since = now_of(world)

    world.pass_(120)
    world.repair_tail()
    first = {run.wallet for run in world.starter.runs.values()}
    world.pass_(120)
    world.repair_tail()
    second = {run.wallet for run in world.starter.runs.values()} - first

    assert (first, second) == ({trader}, {friend})


def test_a_fresh_tail_is_left_alone(world):
    """Within a minute of the last check nothing is asked."""
    settle(world, "friend")
    world.repair_tail()
    before = world.provider.calls

    execution = world.repair_tail()

    assert execution.visited == ("Plan tail", "Anyone due", "Done")
    assert world.provider.calls == before


def test_once_a_day_a_wallet_is_listed_whatever_its_balances_say(world):
    """The audit finds what the look cannot see, and finding nothing costs no body."""
    settle(world, "empty")
    wallet = world.wallet("empty")
    audit = moment_before(wallet, now_of(world), every_s=AUDIT_EVERY_S) + AUDIT_EVERY_S
    world.pass_(audit - now_of(world) - 1)
    assert look_now(world) == 0
    world.counters.reset()

    world.pass_(121)
    world.repair_tail()
    assert world.tails.waiting() == {wallet: Reason.AUDIT}
    [execution] = world.execute_started()

    assert execution.succeeded
    assert {"getSignaturesForAddress", "getTransactionsForAddress"} & set(world.counters.calls)
    assert not world.counters.bodies_requested
    assert world.store.rows[wallet].listed_at == now_of(world)
    assert look(world) == 0


def test_a_body_that_was_missing_is_asked_for_again(world):
    """Nothing moved, but a body the provider did not have is there now."""
    lost = world.history("friend")[0]
    world.facts.loses.add(lost)
    settle(world, "friend")
    world.facts.loses.clear()

    assert look(world) == 0
    world.pass_(3_600)
    assert look(world) == 1

    assert lost in world.facts.linked[world.wallet("friend")]
    assert world.store.coverage(world.wallet("friend")).unavailable == ()


def test_rounds_go_on_until_nobody_is_due(world, monkeypatch):
    """More wallets than a round holds are looked at in the next; the last round marks its own."""
    monkeypatch.setattr("oof.app.repair_tail.PAGE", 1)
    settle(world, "friend", "trader")

    execution = world.repair_tail()

    assert execution.visited.count("Check tail") == 2
    checked = {world.store.coverage(world.wallet(n)).tail_checked_at for n in ("friend", "trader")}
    assert checked == {world.clock.now().timestamp()}


def test_warming_and_closed_wallets_have_no_tail(world):
    """Only wallets that were seen are looked at."""
    world.store.track(world.wallet("friend"), at=0)

    execution = world.repair_tail()

    assert execution.visited == ("Plan tail", "Anyone due", "Done")
    assert world.provider.calls == 0


def look(world):
    """Let two minutes pass, look at the tails, end the runs that starts; return how many."""
    world.pass_(120)
    return look_now(world)


def look_now(world):
    """Look at the tails, end the runs that starts; return how many."""
    world.repair_tail()
    return len(world.execute_started())


def now_of(world):
    """The time, in seconds."""
    return int(world.clock.at.timestamp())


def test_an_old_transaction_met_by_another_way_moves_nobody(world):
    """What another wallet's deep history stored below the covered span is no newest balance."""
    settle(world, "trader")
    wallet = world.wallet("trader")
    lowest = min(world.facts.bodies.values(), key=lambda body: body["slot"])
    world.facts.bodies = {lowest["transaction"]["signatures"][0]: lowest}
    assert look(world) == 1

    reach = Reach(Slot(lowest["slot"] + 1))
    world.facts.reaches[wallet] = reach
    world.facts.bodies = {lowest["transaction"]["signatures"][0]: lowest}

    assert look(world) == 0


def test_what_a_listing_cannot_explain_is_listed_no_more(world):
    """An amount that changed without a transaction costs two listings a day, not one each look.

    The second is for a provider whose listing runs behind its accounts; a new movement is a new
    reason.
    """
    settle(world, "friend")
    look(world)
    world.facts.unexplained[world.wallet("friend")] = 5

    looks = [look(world) for _ in range(6)]
    world.chain.append("friend", 1, "failed")
    moved = look(world)

    assert looks == [1, 1, 0, 0, 0, 0]
    assert moved == 1


def test_token_accounts_are_looked_at_once_an_hour(world):
    """Lamports at each look, in one call for all; the many token accounts at their hour."""
    settle(world, "friend", "empty")
    friend = world.wallet("friend")
    hold_tokens(world, friend, 150)
    hour = moment_before(friend, now_of(world), every_s=3_600) + 3_600

    before = calls_of(world)
    world.pass_(hour - now_of(world) - 1)
    world.counters.reset()
    look_now(world)
    quiet = calls_of(world)
    world.counters.reset()
    look(world)
    at_its_hour = calls_of(world)

    assert before == 0
    assert (quiet, at_its_hour) == (1, 1 + 2)


def calls_of(world):
    """How many looks at accounts were asked for."""
    return world.counters.calls["getMultipleAccounts"]


def hold_tokens(world, wallet, count):
    """Let the facts say that a wallet has so many token accounts that hold nothing any more."""
    held = tuple(LastBalance(address(f"account {n}"), RawAmount(0)) for n in range(count))
    plain = world.facts.balances_of
    world.facts.balances_of = lambda who: (*plain(who), *(held if who == wallet else ()))


def test_what_looks_cost():
    """A thousand wallets: ten credits a look; with ten token accounts each, a hundred an hour."""
    wallets = [address(f"wallet {n}") for n in range(1_000)]
    own = [LastBalance(wallet, RawAmount(0)) for wallet in wallets]
    held = [[LastBalance(address(f"{w} {n}"), RawAmount(0)) for n in range(10)] for w in wallets]
    blobs = MemoryBlobs()
    answered = (None, None)
    rounds = (
        [(w, b, None, answered, False) for w, b in zip(wallets, own, strict=True)],
        [(w, b, h, answered, False) for w, b, h in zip(wallets, own, held, strict=True)],
    )
    costs = []
    for round_, tails in enumerate(rounds):
        document = orjson.dumps({"planned_at": 0, "tails": tails}, default=tuple)
        blobs.put(f"runs/tail-t/{round_:05}-due.json", document)
        deps = TailCheckDeps(chain=MemoryChainSource([], tip=Slot(1)), blobs=blobs)
        costs.append(check_tail(deps, tick="t", round_=round_))

    assert costs == [(0, 10, 10), (0, 110, 110)]


def test_a_token_account_that_moved_alone_is_found_within_the_hour(world):
    """Nothing of the lamports tells; the look at its hour lists the wallet, once."""
    settle(world, "empty")
    wallet = world.wallet("empty")
    account = LastBalance(address("account"), RawAmount(7))
    plain = world.facts.balances_of
    world.facts.balances_of = lambda who: (*plain(who), *((account,) if who == wallet else ()))

    started = [look(world) for _ in range(31)]

    assert sum(started) == 1


def test_only_so_many_run_at_once_and_the_rest_waits_its_turn(world):
    """After an outage of hours: those that moved first, then the wallet read last; none is lost."""
    names = ("friend", "trader", "empty")
    settle(world, *names)
    world.tail_runs_at_once = 1
    world.marks.mark(world.wallet("empty"), at=UnixSeconds(now_of(world)))
    world.chain.append("trader", 1, "failed")
    outage = {
        "began_at": world.clock.at.isoformat(),
        "ended_at": world.clock.at.isoformat(),
    }
    world.pass_(60)

    order, waiting = [], []
    ended = world.repair_tail(outage=outage)
    for _ in range(4):
        waiting.append(ended.state["waiting"])
        order += [run.wallet for run in world.starter.runs.values()]
        world.execute_started()
        world.pass_(120)
        ended = world.repair_tail()

    assert order == [world.wallet(name) for name in ("trader", "empty", "friend")]
    assert waiting == [2, 1, 0, 0]


def test_audits_wait_while_the_budget_runs_out(world):
    """They stop where older history does; who moved is listed to the end."""
    settle(world, "friend", "empty")
    now = UnixSeconds(now_of(world))
    waiting = {world.wallet("friend"): Reason.AUDIT, world.wallet("empty"): Reason.MOVED}
    world.tails.want(waiting, at=now)
    world.provider.limiter.charge(900_000_000)

    start_tails(world.tail_plan_deps(), tick="t1", moved=0)

    assert [run.wallet for run in world.starter.runs.values()] == [world.wallet("empty")]


def test_a_reported_outage_lists_everybody_once(world):
    """Whatever the balances say; reporting it twice changes nothing."""
    settle(world, "friend", "empty")
    outage = {"began_at": "2026-01-01T00:00:00Z", "ended_at": world.clock.at.isoformat()}
    world.pass_(60)
    world.repair_tail(outage=outage)
    runs = len(world.execute_started())
    world.pass_(120)
    world.repair_tail(outage=outage)

    assert runs == 2
    assert not world.execute_started()


def test_silence_while_wallets_move_is_an_outage(world):
    """No delivery for ten minutes though three wallets moved; the next delivery ends it."""
    names = ("friend", "trader", "empty")
    settle(world, *names)
    heard = UnixSeconds(now_of(world) - 700)
    world.facts.heard_at = heard
    for name in names:
        world.facts.unexplained[world.wallet(name)] = 5

    look(world)
    assert world.tails.outage_began_at() == heard
    world.facts.heard_at = UnixSeconds(now_of(world))
    look(world)

    assert world.tails.outage_began_at() is None
    assert world.tails.outage_ended_at() == world.facts.heard_at


def test_quiet_webhooks_of_quiet_wallets_are_no_outage(world):
    """Two may have moved by chance; where no webhook ever delivered there is none to fail."""
    settle(world, "friend", "trader")
    world.facts.heard_at = UnixSeconds(now_of(world) - 7_000)
    world.facts.unexplained[world.wallet("friend")] = 5
    look(world)
    assert world.tails.outage_began_at() is None

    world.facts.heard_at = None
    look(world)

    assert world.tails.outage_began_at() is None


def test_a_listing_that_failed_is_started_again_when_its_time_has_come(world):
    """A run that died silently runs no more after a quarter of an hour."""
    settle(world, "friend")
    world.chain.append("friend", 1, "failed")
    wallet = world.wallet("friend")

    def started():
        world.pass_(120)
        world.repair_tail()
        runs = len(world.starter.runs)
        world.starter.runs.clear()
        return runs

    assert [started() for _ in range(3)] == [1, 0, 0]
    world.store.fail(wallet, LastError("x", UnixSeconds(now_of(world)), None))
    assert started() == 1
    assert [started() for _ in range(8)].count(1) == 1


def test_a_step_tried_again_starts_the_same_runs(world):
    """The second try of the end of a repair names the runs of the first."""
    settle(world, "friend")
    world.tails.want({world.wallet("friend"): Reason.AUDIT}, at=UnixSeconds(now_of(world)))
    deps = world.tail_plan_deps()

    first = start_tails(deps, tick="t1", moved=0)
    names = list(world.starter.runs)
    world.pass_(1)
    second = start_tails(deps, tick="t1", moved=0)

    assert (first.started, second.started) == (1, 1)
    assert list(world.starter.runs) == names
    assert start_tails(deps, tick="t2", moved=0).started == 0
