"""The contract of `WebhookRegistry`: its memory twin, and the adapter over the stand-in."""

from typing import Any, NamedTuple

import pytest

from local.upstream.chain import GeneratedChain, WalletSpec
from local.upstream.counters import CREDITS
from local.upstream.faults import Fault, FaultKind
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.adapters.helius.transport import Endpoint, Transport
from oof.adapters.helius.webhooks import HeliusWebhooks
from oof.domain.errors import NotFound, UpstreamRejected, UpstreamUnavailable
from oof.domain.limits import Share
from oof.domain.webhooks import KIND, STATUS, TRANSACTION_TYPES, Wanted, url_of
from oof.ports.memory.webhooks import MemoryWebhookRegistry
from tests.support.transactions import address
from tests.support.upstream import API_KEY, providing

URL = "https://ingest.example/ingest/webhook/helius"
ANN, BOB = sorted([address("ann"), address("bob")])
WANTED = Wanted(url_of(URL, 3), (ANN,), "secret")


class Asked(NamedTuple):
    """A registry, and the stand-in behind it."""

    registry: Any
    upstream: Any
    """None in memory."""

    def switch_off(self, hook_id):
        """What the provider does after failures."""
        if self.upstream is None:
            held = self.registry.held
            held[hook_id] = held[hook_id]._replace(is_active=False)
        else:
            self.upstream.webhooks.hooks[hook_id]["active"] = False

    def fail(self, verb, kind, **how):
        """Have the next call of a verb fail."""
        self.upstream.faults.replace([Fault(method=f"{verb} /v0/webhooks", kind=kind, **how)])


@pytest.fixture(scope="module")
def chain():
    """Any chain; nothing is asked of it."""
    return GeneratedChain(seed=11, wallets=(WalletSpec(name="ann", transactions=1, days=1),))


@pytest.fixture(params=["memory", "helius"])
def asked(request, chain):
    """Each implementation, without any webhook."""
    if request.param == "memory":
        yield Asked(MemoryWebhookRegistry(), None)
        return
    upstream = Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))
    with providing(upstream) as provider:
        transport = Transport(
            client=provider.client,
            endpoint=Endpoint("", API_KEY),
            limiter=provider.limiter,
            share=Share.TAIL,
            sleep=lambda _: None,
        )
        yield Asked(HeliusWebhooks(transport), upstream)


over_helius = pytest.mark.parametrize("asked", ["helius"], indirect=True)


def test_a_new_webhook_is_as_wanted(asked):
    """Raw, of all transactions, failed ones too, carrying the header, and on."""
    hook_id = asked.registry.create(WANTED)

    [hook] = asked.registry.hooks()

    assert hook == (
        hook_id, WANTED.url, {ANN}, "secret", KIND, STATUS, TRANSACTION_TYPES, True,
    )  # fmt: skip


def test_a_webhook_is_put_whole(asked):
    """What was there before is gone, but for its id and whether it is on."""
    hook_id = asked.registry.create(WANTED)
    asked.switch_off(hook_id)

    asked.registry.replace(hook_id, Wanted(url_of(URL, 4), (BOB,), "new"))

    [hook] = asked.registry.hooks()
    assert hook[:4] == (hook_id, url_of(URL, 4), {BOB}, "new")
    assert not hook.is_active


def test_a_webhook_is_switched_on_again(asked):
    """Nothing else of it changes."""
    hook_id = asked.registry.create(WANTED)
    [before] = asked.registry.hooks()
    asked.switch_off(hook_id)

    asked.registry.switch_on(hook_id)

    assert asked.registry.hooks() == (before,)


def test_a_webhook_is_deleted_once(asked):
    """Again is fine: it is gone."""
    kept = asked.registry.create(WANTED)
    hook_id = asked.registry.create(WANTED)

    asked.registry.delete(hook_id)
    asked.registry.delete(hook_id)

    assert [hook.hook_id for hook in asked.registry.hooks()] == [kept]


def test_a_webhook_that_is_not_there_cannot_be_changed(asked):
    """The caller has to make it anew."""
    with pytest.raises(NotFound):
        asked.registry.replace("nobody", WANTED)
    with pytest.raises(NotFound):
        asked.registry.switch_on("nobody")


def test_every_call_is_counted_as_the_provider_does(asked):
    """A hundred credits a management call."""
    hook_id = asked.registry.create(WANTED)
    asked.registry.replace(hook_id, WANTED)
    asked.registry.hooks()
    asked.registry.delete(hook_id)

    assert asked.registry.usage[:2] == (4, 400)
    assert {CREDITS[f"{verb} /v0/webhooks"] for verb in ("GET", "POST", "PUT", "DELETE")} == {100}


@over_helius
@pytest.mark.parametrize("kind", [FaultKind.RATE_LIMITED, FaultKind.SERVER_ERROR])
def test_a_put_is_tried_again(asked, kind):
    """It may be repeated: the whole is put."""
    hook_id = asked.registry.create(WANTED)
    asked.fail("PUT", kind, retry_after=0)

    asked.registry.replace(hook_id, WANTED)

    assert asked.upstream.counters.calls["PUT /v0/webhooks"] == 2


@over_helius
def test_making_one_is_tried_once(asked):
    """A lost answer may have made it: whoever comes next looks first."""
    asked.fail("POST", FaultKind.SERVER_ERROR)

    with pytest.raises(UpstreamUnavailable):
        asked.registry.create(WANTED)

    assert asked.upstream.counters.calls["POST /v0/webhooks"] == 1


@over_helius
def test_a_refusal_is_not_tried_again(asked):
    """More addresses than a webhook may name are told as what they are."""
    too_many = Wanted(url_of(URL, 0), tuple(address(f"w{n}") for n in range(2)), "secret")
    too_many = too_many._replace(addresses=too_many.addresses * 50_001)

    with pytest.raises(UpstreamRejected):
        asked.registry.create(too_many)


@over_helius
def test_a_spoiled_list_is_never_taken_for_an_empty_one(asked):
    """A truncated answer that lasts is a fault."""
    asked.registry.create(WANTED)
    asked.fail("GET", FaultKind.TRUNCATED, count=None)

    with pytest.raises(UpstreamUnavailable):
        asked.registry.hooks()
