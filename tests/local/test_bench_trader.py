"""The trader of the benches: what it does can have happened, and its positions reconcile."""

from collections import defaultdict

from local.bench.trader import Trader
from oof.domain.positions.events import of_wallet
from oof.domain.positions.fold import WalletFold
from oof.domain.positions.lots import Moment
from oof.domain.positions.valuing import SolLegs
from oof.domain.transactions.model import Status
from oof.domain.units import SOL_MINT, Mint, Slot

STEPS = 1_500


def test_movements_are_what_balances_changed_by():
    """To the unit, for every mint; nothing is ever below zero."""
    for transaction in Trader(seed=1).steps(STEPS):
        moved: dict[Mint, int] = defaultdict(int)
        for movement in transaction.movements:
            if movement.owner == transaction.fee_payer:
                moved[movement.mint] += movement.delta_raw
        told = {b.mint: b.post_raw - b.pre_raw for b in transaction.balances}
        assert told == {mint: delta for mint, delta in moved.items() if delta}
        assert all(b.pre_raw >= 0 and b.post_raw >= 0 for b in transaction.balances)


def test_it_trades_as_people_do():
    """Failures, transfers, partial exits and re-entries all occur, in growing slots."""
    trader = Trader(seed=1)
    fold, ended, failed, transfers = WalletFold(SolLegs()), [], 0, 0
    slots: list[Slot] = []
    for transaction in trader.steps(STEPS):
        slots.append(transaction.slot or Slot(0))
        failed += transaction.status is Status.FAILED
        transfers += not transaction.trades and transaction.status is Status.OK
        if not fold.positions:
            fold.open_with({b.mint: b.pre_raw for b in transaction.balances}, Moment(Slot(0), 0))
        _, episodes = fold.apply(of_wallet(transaction, trader.wallet))
        ended += episodes

    assert slots == sorted(set(slots))
    assert failed
    assert transfers
    assert max(episode.number for episode in ended) > 2
    assert any(len(position.book.lots) > 1 for position in fold.positions.values())


def test_one_seed_is_one_history():
    """The same transactions each time, others by another seed."""
    first, again, other = (list(Trader(seed=seed).steps(50)) for seed in (1, 1, 2))

    assert first == again
    assert {t.signature for t in first}.isdisjoint(t.signature for t in other)


def test_a_mint_of_its_own_is_traded_only_when_told_to():
    """Its lots stay as many as were made."""
    trader = Trader(seed=4)
    mint = trader.new_mint()
    bought = trader.buy(mint, 10**6)
    rest = list(trader.steps(STEPS))

    assert bought.trades[0].bought_mint == mint
    assert all(mint not in t.decimals for t in rest)
    sold = trader.sell(mint, bought.trades[0].bought_raw)
    assert {b.mint: b.post_raw for b in sold.balances}[mint] == 0
    assert SOL_MINT in sold.decimals
