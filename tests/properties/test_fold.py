"""The fold does not depend on order, partition or repetition."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from oof.domain.snapshot.fold import FoldPlan, Span, plan_fold, rebuild_plan
from oof.domain.snapshot.ledger import BalanceMark, LastRow, LedgerOp, WalletEntry
from oof.domain.snapshot.newest import (
    Newest,
    Rival,
    decode_rivals,
    encode_rivals,
    place,
    settle,
    withdraw,
)
from oof.domain.snapshot.transfers import FlowKey, Transfer
from oof.domain.units import SOL_MINT, Mint, RawAmount, Slot, UnixSeconds
from tests.support.transactions import GENESIS, signature

MINTS = (SOL_MINT, Mint("mint-one"))

TRANSFERS = st.builds(
    Transfer,
    st.sampled_from([None, signature("other")]),
    st.sampled_from(MINTS),
    st.sampled_from([RawAmount(-3), RawAmount(5)]),
    st.booleans(),
)


@st.composite
def entries(draw):
    """Distinct transactions of one wallet, in slot order."""
    made = []
    for tx_id in range(1, draw(st.integers(1, 8)) + 1):
        is_participant = draw(st.booleans())
        accounts = draw(st.sets(st.integers(1, 3), max_size=2))
        made.append(
            WalletEntry(
                tx_id=tx_id,
                signature=signature(str(tx_id)),
                slot=Slot(draw(st.integers(1, 4))),
                tx_index=draw(st.none() | st.just(tx_id)),
                block_time=draw(
                    st.none() | st.integers(GENESIS, GENESIS + 10_000).map(UnixSeconds)
                ),
                failed=draw(st.booleans()),
                revoked=False,
                version=1,
                is_participant=is_participant,
                fees=draw(st.dictionaries(st.sampled_from(["tip", "network_fee"]), st.just(5))),
                venues=tuple(draw(st.lists(st.sampled_from(["orca", "pump_fun"]), max_size=2))),
                balances=tuple(
                    BalanceMark(
                        account,
                        MINTS[account % 2],
                        RawAmount(draw(st.integers(0, 3))),
                        RawAmount(draw(st.integers(0, 3))),
                    )
                    for account in sorted(accounts)
                ),
                last=None,
                terminals=tuple(draw(st.lists(st.just("axiom"), max_size=1))),
                transfers=tuple(draw(st.lists(TRANSFERS, max_size=2))),
            )
        )
    return made


class Wallet:
    """A wallet's ledger and state, advanced by plans alone."""

    def __init__(self, facts):
        self.facts = {entry.tx_id: entry for entry in facts}
        self.last: dict[int, LastRow] = {}
        self.counters: dict[str, int] = {}
        self.hours: dict[int, int] = {}
        self.activity: Counter[tuple[int, str]] = Counter()
        self.flows: Counter[tuple[FlowKey, str]] = Counter()
        self.newest: dict[int, Newest] = {}
        self.span = Span()

    def apply(self, tx_ids):
        """Bring the ledger in line with the facts of the given transactions."""
        plan = plan_fold([self.entry(tx_id) for tx_id in dict.fromkeys(tx_ids)])
        for row in plan.rows:
            self.last[row.tx_id] = LastRow(row.op, row.known, row.version)
        for name, change in plan.counters.items():
            self.counters[name] = self.counters.get(name, 0) + change
        for hour, change in plan.hours.items():
            self.hours[hour] = self.hours.get(hour, 0) + change
        self.activity.update(plan.activity)
        for key, total in plan.flows.changes():
            self.flows.update({(key, name): n for name, n in total._asdict().items()})
        whole = self.rebuilt()
        for account, newest in plan.newest(self.newest).items():
            self.newest.pop(account, None)
            found = newest or whole.newest({}).get(account)
            if found is not None:
                self.newest[account] = found
        self.span = whole.span(Span()) if plan.is_shrinking else plan.span(self.span)

    def entry(self, tx_id):
        """Return the facts with what the ledger last did about them."""
        return self.facts[tx_id]._replace(last=self.last.get(tx_id))

    def rebuilt(self) -> FoldPlan:
        """Return the state as built from nothing but the live set."""
        return rebuild_plan(self.entry(tx_id) for tx_id in sorted(self.facts))

    def check(self):
        """Compare what was advanced step by step with what is built anew."""
        whole = self.rebuilt()
        assert {n: v for n, v in self.counters.items() if v} == {
            n: v for n, v in whole.counters.items() if v
        }
        assert {h: v for h, v in self.hours.items() if v} == dict(whole.hours)
        assert {k: v for k, v in self.activity.items() if v} == whole.activity
        flows = dict(whole.flows.changes())
        assert {k: v for k, v in self.flows.items() if v} == {
            (key, name): n for key, total in flows.items() for name, n in total._asdict().items()
        }
        assert all(total.transfers > 0 and total.raw > 0 for total in flows.values())
        assert self.newest == {a: n for a, n in whole.newest({}).items() if n is not None}
        assert self.span == whole.span(Span())


@given(entries(), st.data())
def test_any_order_any_batches_any_repeats_fold_alike(facts, data):
    """Whatever the batches, the state is that of the whole live set at once."""
    wallet = Wallet(facts)
    ids = st.lists(st.sampled_from(sorted(wallet.facts)), max_size=5)
    for batch in data.draw(st.lists(ids, max_size=6)):
        wallet.apply(batch)
    wallet.apply(data.draw(st.permutations(sorted(wallet.facts))))

    wallet.check()
    assert len(wallet.last) == len(facts)


@given(entries(), st.data())
def test_revokes_and_late_facts_leave_what_never_was(facts, data):
    """Revoked entries leave no trace, and what is learnt later counts as if known before."""
    wallet = Wallet(facts)
    for tx_id, entry in list(wallet.facts.items()):
        hidden = entry._replace(block_time=None, tx_index=None)
        wallet.facts[tx_id] = data.draw(st.sampled_from([entry, hidden]))
    wallet.apply(data.draw(st.permutations(sorted(wallet.facts))))
    revoked = data.draw(st.sets(st.sampled_from(sorted(wallet.facts))))
    for entry in facts:
        wallet.facts[entry.tx_id] = entry._replace(revoked=entry.tx_id in revoked)
    wallet.apply(data.draw(st.permutations(sorted(wallet.facts))))

    wallet.check()
    live = [tx_id for tx_id, last in wallet.last.items() if last.op is not LedgerOp.REVOKE]
    assert set(live) == set(wallet.facts) - revoked


@given(st.permutations(range(6)), st.lists(st.integers(0, 9), min_size=7, max_size=7))
def test_a_chain_of_balances_settles_its_own_order(order, amounts):
    """Without indexes the last of a chain of balances is found, unless it ends where it began."""
    links = [
        Rival(n, signature(str(n)), None, RawAmount(amounts[n]), RawAmount(amounts[n + 1]))
        for n in range(6)
    ]
    newest = None
    for place_ in order:
        newest = place(newest, Slot(1), [links[place_]])

    assert newest is not None
    settled = settle(newest)
    assert settled.order_unresolved or settled.rival.post_raw == amounts[-1]
    assert settled.order_unresolved == (amounts[0] == amounts[-1])


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 5)), max_size=12))
def test_what_is_placed_and_withdrawn_is_gone(steps):
    """Only rivals of the newest slot are kept, each transaction once."""
    newest = None
    for slot, tx_id in steps:
        rival = Rival(tx_id, signature(str(tx_id)), None, RawAmount(2**70), RawAmount(1))
        newest = place(newest, Slot(slot), [rival])
    if newest is None:
        assert not steps
        return

    assert newest.slot == max(slot for slot, _ in steps)
    assert decode_rivals(encode_rivals(newest.rivals)) == newest.rivals
    assert withdraw(newest, {rival.tx_id for rival in newest.rivals}) is None
