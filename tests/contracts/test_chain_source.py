"""The contract of `ChainSource`, held by its memory twin and by the adapter over the stand-in."""

import orjson
import pytest

from local.upstream.chain import GeneratedChain, WalletSpec
from local.upstream.prices import Prices
from local.upstream.state import Upstream
from oof.ports.memory.upstream import MemoryChainSource
from tests.support.upstream import providing

PEOPLE = (
    WalletSpec(name="ann", transactions=60, days=30),
    WalletSpec(name="bob", transactions=15, days=5, live=False),
)


@pytest.fixture(scope="module")
def chain():
    """A small chain, the same for both."""
    generated = GeneratedChain(seed=11, wallets=PEOPLE)
    generated.catch_up()
    return generated


@pytest.fixture(params=["memory", "helius"])
def source(request, chain):
    """Each implementation over that chain."""
    if request.param == "memory":
        records = chain.since(None)
        bodies = [{**r.load("json"), "transactionIndex": r.tx_index} for r in records]
        yield MemoryChainSource(bodies, tip=chain.tip_slot())
        return
    with providing(Upstream(chain=chain, prices=Prices(chain.quote, chain.candles))) as provider:
        yield provider.chain()


@pytest.fixture
def ann(chain):
    """The wallet everything is asked about."""
    return chain.wallets()["ann"]


def history(chain, wallet):
    """What the chain holds, newest first."""
    return chain.history_with_tokens(wallet, changed_only=False)[::-1]


def test_signatures_are_listed_newest_first_page_by_page(source, chain, ann):
    """Pages follow each other by the last signature, and a short one is the last."""
    expected = [record.signature for record in chain.history(ann)[::-1]]
    found = []
    before = None
    while True:
        page = source.signatures_for_address(ann, before=before, limit=25)
        found += page
        if len(page) < 25:
            break
        before = page[-1].signature

    assert [row.signature for row in found] == expected
    assert all(row.block_time is not None for row in found)


def test_a_history_holds_the_token_accounts_too(source, chain, ann):
    """One listing of the owner has everything, with each transaction's place in its block."""
    page = source.history_page(ann, below_slot=None, from_slot=None, token=None)

    expected = history(chain, ann)
    assert [row.signature for row in page.entries] == [r.signature for r in expected]
    assert [row.tx_index for row in page.entries] == [r.tx_index for r in expected]
    assert page.token is None


def test_a_history_keeps_to_its_slots(source, chain, ann):
    """The lower bound is in, the upper one is out."""
    records = history(chain, ann)
    low, high = records[-10].slot, records[10].slot
    page = source.history_page(ann, below_slot=high, from_slot=low, token=None)

    assert [e.signature for e in page.entries] == [
        r.signature for r in records if low <= r.slot < high
    ]


def test_bodies_of_slots_come_in_one_page(source, chain, ann):
    """Both slots are included, and each body is complete."""
    records = history(chain, ann)[:20]
    bodies = source.bodies_between(ann, first_slot=records[-1].slot, last_slot=records[0].slot)

    found = [orjson.loads(body) for body in bodies]
    assert {b["transaction"]["signatures"][0] for b in found} >= {r.signature for r in records}
    assert all(b["meta"]["postBalances"] and b["slot"] for b in found)


def test_bodies_are_asked_for_by_signature(source, chain, ann):
    """Each is what was asked for; what does not exist is absent."""
    wanted = [record.signature for record in history(chain, ann)[:30]]
    unknown = "1" * 64
    bodies = source.transactions([*wanted, unknown])

    assert set(bodies) == set(wanted)
    for name, body in bodies.items():
        assert orjson.loads(body)["transaction"]["signatures"][0] == name


def test_token_accounts_are_of_both_programs(source, chain, ann):
    """What an owner has now, with mints and amounts."""
    found = {(s.address, s.token.mint, s.token.raw) for s in source.token_accounts(ann)}

    assert found == {(s.address, s.token.mint, s.token.post) for s in chain.token_accounts(ann)}
    assert found


def test_accounts_come_in_the_order_asked(source, chain, ann):
    """A wallet, a token account and nothing, each in its place."""
    account = chain.token_accounts(ann)[0]
    missing = "1" * 31 + "2"
    wallet, token, nothing = source.accounts([ann, account.address, missing])

    assert (wallet.address, wallet.token) == (ann, None)
    assert wallet.lamports == chain.account(ann).lamports
    assert (token.token.owner, token.token.raw) == (ann, account.token.post)
    assert nothing is None


def test_statuses_tell_what_is_final(source, chain, ann):
    """An old signature is final, an unknown one has no status."""
    old = history(chain, ann)[-1]
    node_slot, (told, unknown) = source.signature_statuses(
        [old.signature, "1" * 64], with_history=True
    )
    at_hand = source.signature_statuses([old.signature], with_history=False).told

    assert (told.slot, told.is_finalized) == (old.slot, True)
    assert (unknown, at_hand) == (None, (None,))
    assert node_slot >= chain.tip_slot()


def test_blocks_tell_the_order_of_their_signatures(source, chain, ann):
    """A slot's signatures come in block order; one that was skipped is absent."""
    record = history(chain, ann)[-1]
    skipped = next(slot for slot in range(record.slot, 0, -1) if chain.block(slot) is None)
    blocks = source.block_signatures([record.slot, skipped])

    assert blocks == {record.slot: tuple(r.signature for r in chain.block(record.slot).records)}


def test_more_blocks_come_than_one_batch_takes(source, chain, ann):
    """Of a method that reads history the provider refuses more than ten calls at once."""
    records = {record.slot: record for record in history(chain, ann)}
    slots = sorted(records)[-12:]

    assert len(slots) == 12
    assert sorted(source.block_signatures(slots)) == slots


def test_listings_tell_what_is_final(source, chain, ann):
    """Old rows are final by the listing's own word."""
    page = source.signatures_for_address(ann, before=None, limit=100)
    told = {row.signature: row.is_final for row in page}
    paged = source.history_page(ann, below_slot=None, from_slot=None, token=None)

    edge = chain.tip_slot() - 32
    assert told == {row.signature: row.slot <= edge for row in page}
    assert {row.is_final for row in paged.entries if row.slot <= edge} == {True}


def test_usage_grows_with_what_is_asked(source, ann):
    """Each item of a batch counts."""
    before = source.usage.calls
    source.accounts([ann])

    assert source.usage.calls == before + 1
