"""Our list is the truth: the provider's webhooks are brought in line with it, in few calls."""

import pytest

from oof.domain.errors import Conflict, NotFound, UpstreamRejected, UpstreamUnavailable
from oof.domain.evidence import Reason
from oof.domain.rotation import DRAINED_AFTER_S, LEARNT_AFTER_S, DeliverySecret
from oof.domain.snapshot.model import WalletState
from oof.domain.wallets import WalletEvent
from oof.domain.webhooks import url_of
from oof.entrypoints import watch_steps
from oof.entrypoints.step import WatchState
from oof.ports.memory.locks import MemoryFencedLock
from oof.ports.memory.webhooks import MemoryWebhookRegistry
from tests.support.reconciling import LOOK_EVERY_S, PUT_EVERY_S, URL, Reconciling
from tests.support.transactions import address


@pytest.fixture
def world():
    """A stage with no wallet yet."""
    return Reconciling()


def test_a_stage_without_wallets_costs_nothing(world):
    """No webhook is made before somebody is to be on it."""
    assert world.reconcile() == []
    assert world.last.visited == ("Plan webhooks", "Anything to put", "Done")


def test_followed_wallets_are_put_on_a_webhook(world):
    """One webhook with all of them, found to be ours by its URL, carrying the secret."""
    world.follow("ann", "bob")
    world.backfill.track(address("cat"), at=world.clock.unix)

    assert world.reconcile() == ["hooks", "create"]

    [hook] = world.provider.held.values()
    assert hook.addresses == {address("ann"), address("bob")}
    assert (hook.url, hook.auth_header) == (url_of(URL, 0), "secret")


def test_what_is_in_line_is_left_alone(world):
    """No call at all between two looks."""
    world.follow("ann")
    world.reconcile()

    assert [world.reconcile() for _ in range(5)] == [[]] * 5


def test_a_wallet_is_live_after_a_listing_begun_after_the_put(world):
    """Neither the put nor a listing under way makes it live; the one that does is asked for."""
    world.follow("ann")
    before = world.clock.unix
    world.reconcile()

    assert world.tails.waiting() == {address("ann"): Reason.NAMED}
    assert world.projected == [address("ann")]
    world.list_tail("ann", began_at=before)
    assert not world.is_live("ann")
    world.list_tail("ann", began_at=world.clock.unix)
    assert world.is_live("ann")


def test_a_newcomer_is_put_at_once(world):
    """Somebody waits: one put, whatever the interval."""
    world.follow("ann")
    world.reconcile()
    world.follow("bob")

    assert world.reconcile() == ["replace"]
    assert world.hooks() == {url_of(URL, 0): {address("ann"), address("bob")}}


def test_accounts_that_come_and_go_wait_for_the_interval(world):
    """Nobody waits for them: one put for all that changed meanwhile."""
    world.follow("ann")
    world.reconcile()
    asked = []
    for size in range(2, 9):
        world.store.sizes[address("ann")] = size
        asked += world.reconcile()

    assert asked == []
    assert world.reconcile() == ["replace"]
    assert len(world.hooks()[url_of(URL, 0)]) == 8


def test_one_more_address_changes_one_webhook(world):
    """Wallets fill webhooks one after the other, and a newcomer touches one of them."""
    for n in range(6):
        world.store.sizes[address(f"w{n}")] = 30
    world.follow(*(f"w{n}" for n in range(6)))

    assert world.reconcile() == ["hooks", "create", "create", "create"]
    assert sorted(len(addresses) for addresses in world.hooks().values()) == [60, 60, 60]

    world.follow("ann")
    assert world.reconcile() == ["replace"]


def test_who_no_longer_fits_moves_without_being_on_neither(world):
    """The webhook that gains is put before the one that loses."""
    world.store.sizes |= {address("ann"): 40, address("bob"): 40}
    world.follow("ann", "bob")
    world.reconcile()
    world.store.sizes[address("ann")] = 70
    world.clock.pass_(PUT_EVERY_S)

    asked = world.reconcile()

    assert [call for call in asked if call != "hooks"] == ["create", "replace"]
    assert sorted(len(addresses) for addresses in world.hooks().values()) == [40, 70]


def test_unread_wallets_leave_the_list(world):
    """With the next put; a webhook nobody is on is deleted."""
    world.follow("ann", "bob")
    world.reconcile()
    world.backfill.move(address("ann"), WalletEvent.WENT_UNREAD, at=world.clock.unix)
    world.clock.pass_(PUT_EVERY_S)
    world.reconcile()
    assert world.hooks() == {url_of(URL, 0): {address("bob")}}

    world.backfill.move(address("bob"), WalletEvent.WENT_UNREAD, at=world.clock.unix)
    assert world.backfill.coverage(address("bob")).state is WalletState.UNTRACKED
    world.reconcile()
    assert world.hooks() == {}
    assert world.reconcile() == []


def test_what_webhooks_report_in_a_day_is_told(world, capsys):
    """Of the wallets that are on one; it is about what they cost."""
    world.follow("ann", "bob")
    world.reconcile()
    world.store.paces |= {address("ann"): 1_500, address("bob"): 20_000}
    world.reconcile()
    capsys.readouterr()
    world.reconcile()

    assert '"WebhookEventsADay":[1500.0]' in capsys.readouterr().out


def test_a_wallet_that_moves_too_much_is_polled(world):
    """It leaves its webhook, is listed at intervals, and comes back when it is calm for long."""
    world.follow("ann", "bot")
    world.reconcile()
    world.store.paces[address("bot")] = 20_000
    world.clock.pass_(PUT_EVERY_S)

    world.reconcile()
    assert world.hooks() == {url_of(URL, 0): {address("ann")}}
    assert address("bot") in world.wanted()

    world.store.paces[address("bot")] = 10
    world.reconcile()
    assert world.hooks() == {url_of(URL, 0): {address("ann")}}
    world.clock.pass_(6 * 3_600)
    world.reconcile()
    assert world.hooks() == {url_of(URL, 0): {address("ann"), address("bot")}}


def test_a_webhook_that_was_switched_off_is_switched_on(world):
    """At the next look; its wallets have to be listed again before they are live."""
    world.follow("ann")
    world.reconcile()
    world.list_tail("ann", began_at=world.clock.unix)
    world.tails.forget_listed()
    [hook] = world.provider.held.values()
    world.provider.held[hook.hook_id] = hook._replace(is_active=False)
    world.clock.pass_(LOOK_EVERY_S)

    assert world.reconcile() == ["hooks", "switch_on"]

    assert world.provider.held[hook.hook_id].is_active
    assert not world.is_live("ann")
    assert world.tails.waiting() == {address("ann"): Reason.OUTAGE}


def test_a_webhook_that_was_deleted_is_made_again(world):
    """At the next look, whole."""
    world.follow("ann")
    world.reconcile()
    world.list_tail("ann", began_at=world.clock.unix)
    world.provider.held.clear()
    world.clock.pass_(LOOK_EVERY_S)

    assert world.reconcile() == ["hooks", "create"]
    assert world.hooks() == {url_of(URL, 0): {address("ann")}}
    assert not world.is_live("ann")


def test_a_webhook_found_gone_by_a_put_is_made_again(world):
    """Without waiting for the look."""
    world.follow("ann")
    world.reconcile()
    world.list_tail("ann", began_at=world.clock.unix)
    world.provider.held.clear()
    world.follow("bob")

    assert world.reconcile() == ["replace", "create"]
    assert not world.is_live("ann")


@pytest.mark.parametrize(
    "change",
    [
        {"addresses": frozenset({address("stranger")})},
        {"kind": "enhanced"},
        {"auth_header": "another"},
    ],
)
def test_a_webhook_that_somebody_changed_is_put_again(world, change):
    """Our list is the truth."""
    world.follow("ann")
    world.reconcile()
    [hook] = world.provider.held.values()
    world.provider.held[hook.hook_id] = hook._replace(**change)
    world.clock.pass_(LOOK_EVERY_S)

    assert world.reconcile() == ["hooks", "replace"]
    assert world.provider.held[hook.hook_id] == hook


def test_another_address_moves_our_webhooks(world):
    """They are ours by what was recorded, though they post to where we were."""
    world.follow("ann")
    world.reconcile()
    world.url = "https://new.example/ingest/webhook/helius"
    world.clock.pass_(LOOK_EVERY_S)

    assert world.reconcile() == ["hooks", "replace"]
    assert world.hooks() == {url_of(world.url, 0): {address("ann")}}


def test_webhooks_of_others_are_left_alone(world):
    """Another stage's, and those made by hand."""
    world.follow("ann")
    world.reconcile()
    [hook] = world.provider.held.values()
    other = hook._replace(hook_id="other", url="https://other.example/hook")
    twin = hook._replace(hook_id="twin")
    orphan = hook._replace(hook_id="orphan", url=url_of(URL, 7))
    world.provider.held |= {each.hook_id: each for each in (other, twin, orphan)}
    world.clock.pass_(LOOK_EVERY_S)

    assert world.reconcile() == ["hooks", "delete", "delete"]
    assert set(world.provider.held) == {hook.hook_id, "other"}


def test_a_put_nobody_lived_to_confirm_is_done_again(world):
    """The webhook made before is found by its URL, and none is made twice."""
    world.follow("ann")
    world.reconcile()
    world.store._puts.clear()
    world.follow("bob")

    assert world.reconcile() == ["hooks", "replace"]
    assert len(world.provider.held) == 1


class Failing(MemoryWebhookRegistry):
    """A provider that refuses to put one webhook."""

    fault: Exception | None = None

    def replace(self, hook_id, wanted):
        """See `WebhookRegistry`."""
        if self.fault is not None and wanted.url == url_of(URL, 1):
            self.calls.append("replace")
            raise self.fault
        super().replace(hook_id, wanted)


@pytest.mark.parametrize(
    "fault",
    [UpstreamUnavailable("down", reason="throttled"), UpstreamRejected("no", reason="forbidden")],
)
def test_what_was_put_before_a_fault_counts(world, fault, caplog):
    """The rest is put at the next tick, and nobody on it is named until then."""
    world.provider = Failing()
    world.store.sizes |= {address("ann"): 60, address("bob"): 60}
    world.follow("ann", "bob")
    world.reconcile()
    world.provider.fault = fault
    world.store.sizes |= {address("cat"): 15, address("dan"): 15}
    world.follow("cat", "dan")

    assert world.reconcile() == ["replace", "replace"]
    assert world.last.state["fault"] == fault.reason
    assert "webhooks_not_put" in caplog.text
    named = {w: row.hooked_at is not None for w, row in world.backfill.rows.items()}
    assert sum(named.values()) == 3

    world.provider.fault = None
    assert world.reconcile() == ["replace"]
    assert all(row.hooked_at is not None for row in world.backfill.rows.values())


def test_while_a_webhook_stays_broken_its_wallets_are_not_live(world):
    """Found off, and the provider does not let us switch it on."""
    world.follow("ann")
    world.reconcile()
    world.list_tail("ann", began_at=world.clock.unix)
    [hook] = world.provider.held.values()
    world.provider.held[hook.hook_id] = hook._replace(is_active=False)

    def refuse(hook_id):
        raise UpstreamUnavailable(f"not now: {hook_id}")

    mend = world.provider.switch_on
    world.provider.switch_on = refuse
    world.clock.pass_(LOOK_EVERY_S)
    world.reconcile()
    assert not world.is_live("ann")
    assert world.backfill.rows[address("ann")].hooked_at is None

    world.provider.switch_on = mend
    world.reconcile()
    assert world.provider.held[hook.hook_id].is_active
    assert world.backfill.rows[address("ann")].hooked_at is not None


def test_two_reconciliations_never_put_at_once(world):
    """While one is at it another ends at once, and an old invocation is shut out."""
    world.follow("ann")
    started = watch_steps.plan(WatchState(id="first"), world.plan_deps())
    assert started["next"] == "put"

    assert world.reconcile() == []
    assert world.last.visited == ("Plan webhooks", "Anything to put", "Done")

    class Overtaken(MemoryFencedLock):
        """Somebody enters as soon as we have."""

        def hold(self, *_, **__):
            return False

    world.lock = Overtaken()
    with pytest.raises(Conflict):
        watch_steps.put(WatchState.model_validate(started), world.put_deps())
    assert world.provider.calls == []


def test_what_was_overtaken_is_not_recorded(world):
    """It slept until its lock ended: the provider is as the other one left it."""
    world.follow("ann")
    state = WatchState(id="slow")
    for step, deps in ((watch_steps.plan, world.plan_deps()), (watch_steps.put, world.put_deps())):
        state = WatchState.model_validate(step(state, deps))
    world.clock.pass_(300)
    world.follow("bob")
    world.reconcile()
    before = world.store.registry()

    watch_steps.confirm(state, world.confirm_deps())

    assert world.store.registry() == before
    assert world.reconcile() == []


def test_a_reconciliation_that_died_holds_nobody_up_for_long(world):
    """Its lock ends, and the next one does the work."""
    world.follow("ann")
    watch_steps.plan(WatchState(id="died"), world.plan_deps())
    world.clock.pass_(300)

    assert world.reconcile() == ["hooks", "create"]


def test_without_an_address_there_are_no_webhooks(world):
    """Where the provider cannot reach us every wallet is looked at; those kept before go."""
    world.follow("ann")
    world.reconcile()
    world.url = ""

    assert world.reconcile() == ["delete"]
    assert world.reconcile() == []
    assert world.backfill.rows[address("ann")].hooked_at is None


def test_a_rotation_leaves_no_webhook_with_a_value_that_is_not_accepted(world):
    """Asked for once, it runs to its end by itself, and costs one put a webhook."""
    world.store.sizes |= {address("ann"): 60, address("bob"): 60}
    world.follow("ann", "bob")
    world.reconcile()
    asked = world.reconcile(rotate=True)
    seen = []
    for _ in range((LEARNT_AFTER_S + DRAINED_AFTER_S) // 120 + 3):
        asked += world.reconcile()
        carried = {hook.auth_header for hook in world.provider.held.values()}
        assert carried <= set(world.secrets.secret.accepted)
        seen.append(world.secrets.secret.accepted)

    [new] = world.secrets.secret.accepted
    assert new != "secret"
    assert {hook.auth_header for hook in world.provider.held.values()} == {new}
    assert asked == ["replace", "replace"]
    assert ("secret", new) in seen
    assert (new, "secret") in seen
    assert world.reconcile() == []


def test_a_stage_without_a_secret_makes_one_before_it_makes_webhooks(world, caplog):
    """Deliveries are never sent before every receiver accepts them; that is no alarm."""
    world.secrets.secret = DeliverySecret(accepted=())
    world.follow("ann")

    assert world.reconcile() == []
    assert world.last.state["fault"] == "not_accepted_yet"
    assert "webhooks_not_put" not in caplog.text
    world.reconcile()
    world.reconcile()

    [hook] = world.provider.held.values()
    assert (hook.auth_header,) == world.secrets.secret.accepted


def test_deleting_what_is_gone_and_putting_what_is_not_there_are_told_apart():
    """The fake is as the provider is."""
    registry = MemoryWebhookRegistry()
    registry.delete("nobody")
    with pytest.raises(NotFound):
        registry.switch_on("nobody")
