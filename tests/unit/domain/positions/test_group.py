"""Groups of wallets: what moves inside them changes nothing, whatever the method."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.addresses import parse_address
from oof.domain.errors import InvalidInput
from oof.domain.labels import EXCHANGE_WALLETS
from oof.domain.positions.events import Exchange, TransactionHead, of_sides
from oof.domain.positions.group import (
    GroupExchange,
    GroupMovement,
    GroupTransaction,
    group_choice,
    of_group,
    spans_of,
)
from oof.domain.positions.lots import Method, Moment
from oof.domain.positions.stored import HistoryEvent, HistoryFold
from oof.domain.positions.valuation import Prices
from oof.domain.positions.valuing import BookPrices, SolLegs
from oof.domain.positions.view import ViewFold, ViewPosition, totals_of_view
from oof.domain.prices.book import MintPrices, PriceBook
from oof.domain.prices.candles import Candle, Source, Width
from oof.domain.snapshot.ledger import BalanceMark
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Address, Mint, RawAmount, Signature, Slot, UnixSeconds

CAT, DOG = Mint("cat"), Mint("dog")
MINTS = [SOL_MINT, CAT, DOG]
ANN, BOB, EVE = Address("ann"), Address("bob"), Address("eve")
BINANCE = Address("2ojv9BAiHUrvsm9gxDe7fJSzbNZSJcxZvf8dqmWGHG8S")
KINDS = [Kind.TRANSFER, Kind.INCOME, Kind.UNKNOWN, Kind.STAKE, Kind.NETWORK_FEE, Kind.RENT]
ACCOUNTS = {(ANN, CAT): 1, (BOB, CAT): 2, (ANN, SOL_MINT): 3}
HOUR = 3_600


def price(mint: Mint, hour: int, usd: str) -> Candle:
    """A price of an hour."""
    close = Decimal(usd)
    start = UnixSeconds(hour * HOUR)
    return Candle(start, Width.HOUR, close, close, close, close, Decimal(1), Source.PYTH, 100)


def book(**usd: Sequence[str]) -> PriceBook:
    """What a whole token of 3 decimals cost, hour by hour; SOL has 9."""
    names = {"sol": (SOL_MINT, 9), "cat": (CAT, 3), "dog": (DOG, 3)}
    return PriceBook(
        MintPrices(
            names[name][0],
            names[name][1],
            [price(names[name][0], hour, each) for hour, each in enumerate(told)],
            asked=frozenset(),
            pending=frozenset(),
        )
        for name, told in usd.items()
    )


PRICES = book(sol=["100", "150", "200"], cat=["2", "3", "1"])
UNPRICED = BookPrices(PriceBook())


def transaction(
    slot: int,
    *movements: GroupMovement,
    trades: Sequence[GroupExchange] = (),
    marks: Sequence[BalanceMark] = (),
    hour: int = 0,
) -> GroupTransaction:
    """One transaction; trades bring their movements along."""
    traded = [move for trade in trades for move in moves_of(trade)]
    return GroupTransaction(
        slot,
        TransactionHead(
            Moment(Slot(slot), 0), Signature(f"s{slot}"), UnixSeconds(hour * HOUR + slot)
        ),
        tuple(trades),
        (*movements, *traded),
        tuple(marks),
    )


def moves_of(trade: GroupExchange) -> list[GroupMovement]:
    """What a trade moved."""
    trader, (sold, sold_raw, bought, bought_raw) = trade
    return [
        GroupMovement(trader, None, sold, Kind.TRADE, RawAmount(-sold_raw)),
        GroupMovement(trader, None, bought, Kind.TRADE, bought_raw),
    ]


def move(
    owner: Address, mint: Mint, raw: int, kind: Kind = Kind.TRANSFER, to: Address | None = None
) -> GroupMovement:
    """One movement."""
    return GroupMovement(owner, to, mint, kind, RawAmount(raw))


def trade(owner: Address, sold: Mint, sold_raw: int, bought: Mint, raw: int) -> GroupExchange:
    """One trade."""
    return GroupExchange(owner, Exchange(sold, RawAmount(sold_raw), bought, RawAmount(raw)))


def folded(
    history: Sequence[GroupTransaction],
    *wallets: Address,
    method: Method = Method.FIFO,
    prices: PriceBook = PRICES,
    realize: bool = False,
) -> dict[Mint, ViewPosition]:
    """The view of a history, by mint."""
    choice = group_choice(wallets, method=method, realize_exchange_transfers=realize)
    return valued(ViewFold(choice), [history], prices)


def valued(
    fold: ViewFold, pages: Sequence[Sequence[GroupTransaction]], prices: PriceBook
) -> dict[Mint, ViewPosition]:
    """Fold pages and value what they came to."""
    told = Prices(book=prices)
    for page in pages:
        fold.value(fold.add(page, prices), told)
    return {each.mint: each for each in fold.positions(fold.mints, told)}


UNITS = st.integers(1, 50)
OWNERS = st.sampled_from([ANN, BOB])
MOVES = st.builds(
    GroupMovement,
    OWNERS,
    st.just(None),
    st.sampled_from(MINTS),
    st.sampled_from(KINDS),
    st.integers(-40, 60).filter(bool).map(RawAmount),
)
TRADES = st.builds(trade, OWNERS, st.sampled_from(MINTS), UNITS, st.sampled_from(MINTS), UNITS)
MARKS = st.dictionaries(st.sampled_from(sorted(ACCOUNTS)), UNITS, max_size=2).map(
    lambda held: [
        BalanceMark(ACCOUNTS[key], key[1], RawAmount(raw), RawAmount(0))
        for key, raw in held.items()
    ]
)
HISTORIES = st.lists(
    st.tuples(st.lists(MOVES, max_size=3), st.lists(TRADES, max_size=2), MARKS, st.integers(0, 2)),
    max_size=10,
).map(
    lambda found: [
        transaction(2 * slot, *moves, trades=trades, marks=marks, hour=hour)
        for slot, (moves, trades, marks, hour) in enumerate(found, 1)
    ]
)
METHODS = st.sampled_from(list(Method))


def own(found: GroupTransaction, wallet: Address) -> HistoryEvent:
    """The wallet's own side of a transaction, as stored positions are folded of it."""
    side = of_sides(
        found.head,
        [each.exchange for each in found.exchanges if each.trader == wallet],
        [(m.mint, m.kind, m.delta_raw) for m in found.movements if m.owner == wallet],
    )
    return HistoryEvent(found.tx_id, side, found.balances)


@settings(max_examples=150)
@given(HISTORIES)
def test_a_group_of_one_is_the_wallet_s_own_fold(history: list[GroupTransaction]) -> None:
    """Event by event and lot by lot."""
    alone = [
        each._replace(
            exchanges=tuple(t for t in each.exchanges if t.trader == ANN),
            movements=tuple(m for m in each.movements if m.owner == ANN),
        )
        for each in history
    ]
    grouped, straight = HistoryFold(SolLegs()), HistoryFold(SolLegs())

    for each in alone:
        event = of_group(each, UNPRICED)
        assert event == own(each, ANN)
        assert grouped.add(event) == straight.add(own(each, ANN))
    assert grouped.fold.positions == straight.fold.positions
    assert grouped.totals == straight.totals


PASSES = st.lists(
    st.tuples(
        st.integers(0, 10),
        st.sampled_from([(ANN, BOB), (BOB, ANN)]),
        st.sampled_from(MINTS),
        UNITS,
        st.sampled_from([Kind.TRANSFER, Kind.INCOME, Kind.UNKNOWN]),
    ),
    max_size=4,
)


@settings(max_examples=150)
@given(HISTORIES, PASSES, METHODS)
def test_moving_units_inside_the_group_changes_nothing(
    history: list[GroupTransaction],
    passes: list[tuple[int, tuple[Address, Address], Mint, int, Kind]],
    method: Method,
) -> None:
    """Not a lot, not a sum, whatever kind of movement the receiver's side was told to be."""
    numbers = count(100)
    inside = [
        (
            place,
            transaction(
                2 * place + 1, move(one, mint, -raw, to=other), move(other, mint, raw, kind)
            )._replace(tx_id=next(numbers)),
        )
        for place, (one, other), mint, raw, kind in passes
    ]
    with_passes = [*history, *(found for _, found in inside)]
    with_passes.sort(key=lambda found: found.head.moment.slot)

    moved, still = (folded(each, ANN, BOB, method=method) for each in (with_passes, history))

    assert moved == still


@settings(max_examples=150)
@given(HISTORIES, METHODS)
def test_units_in_are_units_out_and_what_remains(
    history: list[GroupTransaction], method: Method
) -> None:
    """What is held, less what left without a known lot, is what the members were left with."""
    view = folded(history, ANN, BOB, method=method)

    for mint, position in view.items():
        f = position.figures
        change = sum(m.delta_raw for each in history for m in each.movements if m.mint == mint)
        on_chain = f["opening_raw"] + change
        assert f["held_raw"] - f["short_raw"] == on_chain
        came = f["opening_raw"] + f["bought_raw"] + f["arrived_raw"]
        assert came - f["sold_raw"] - f["left_raw"] - f["paid_raw"] == on_chain
        assert f["held_raw"] >= f["priced_raw"] >= 0


@settings(max_examples=150)
@given(HISTORIES, METHODS)
def test_basis_is_conserved_by_every_method(
    history: list[GroupTransaction], method: Method
) -> None:
    """Without transfers, what trades gave for units is in what was sold and in what is left."""
    kept = [each._replace(movements=(), balances=()) for each in history]
    fold, paid = HistoryFold(SolLegs(), method=method), dict.fromkeys(MINTS, 0)
    used = dict.fromkeys(MINTS, 0)
    for each in kept:
        event = of_group(each._replace(movements=_traded(each)), UNPRICED)
        for exchange in event.transaction.exchanges:
            paid[exchange.bought_mint] += exchange.sold_raw
        for exit_ in fold.add(event).realized:
            used[exit_.mint] += sum(raw for part in exit_.slices for raw in part.cost_raw.values())

    for mint, position in fold.fold.positions.items():
        left = sum(raw for lot in position.book.lots for raw in lot.cost_raw.values())
        assert left + used[mint] == paid[mint]


def _traded(found: GroupTransaction) -> tuple[GroupMovement, ...]:
    return tuple(move for each in found.exchanges for move in moves_of(each))


@settings(max_examples=100)
@given(HISTORIES, METHODS, st.randoms(use_true_random=False), st.integers(0, 10))
def test_neither_order_of_arrival_nor_pages_matter(
    history: list[GroupTransaction], method: Method, chance: Random, cut: int
) -> None:
    """Movements in any order, members in any order, pages of any length: the same view."""
    shuffled = [
        each._replace(movements=tuple(chance.sample(each.movements, len(each.movements))))
        for each in history
    ]
    fold = ViewFold(group_choice([BOB, ANN, BOB], method=method, realize_exchange_transfers=False))

    paged = valued(fold, [shuffled[:cut], shuffled[cut:]], PRICES)

    assert paged == folded(history, ANN, BOB, method=method)


def test_a_transfer_inside_keeps_basis_date_and_fees() -> None:
    """Sold by another member it is the purchase that it is matched with."""
    history = [
        transaction(
            1,
            move(ANN, SOL_MINT, -5, Kind.NETWORK_FEE),
            trades=[trade(ANN, SOL_MINT, 1_000, CAT, 10)],
        ),
        transaction(
            2,
            move(ANN, CAT, -10, to=BOB),
            move(BOB, CAT, 10, to=ANN),
            move(ANN, SOL_MINT, -5, Kind.NETWORK_FEE),
        ),
        transaction(3, trades=[trade(BOB, CAT, 10, SOL_MINT, 1_500)]),
    ]

    together, bob = folded(history, ANN, BOB)[CAT].figures, folded(_of(BOB, history), BOB)

    assert together["realized_lamports"] == 1_500 - 1_000 - 5
    assert together["unknown_raw"] == together["arrived_raw"] == together["left_raw"] == 0
    assert together["held_unit_seconds"] == 10 * 2
    assert bob[CAT].figures["unknown_raw"] == 10
    fold = ViewFold(group_choice([ANN, BOB], method=Method.FIFO, realize_exchange_transfers=False))
    fold.add(history, PRICES)
    assert fold.other_fees_lamports == 5


def _of(wallet: Address, history: Sequence[GroupTransaction]) -> list[GroupTransaction]:
    return [
        each._replace(
            movements=tuple(m for m in each.movements if m.owner == wallet),
            exchanges=tuple(t for t in each.exchanges if t.trader == wallet),
        )
        for each in history
    ]


def test_part_of_a_transfer_may_leave_the_group() -> None:
    """What one member sent beyond what the other received is gone, with its basis."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 100, CAT, 10)]),
        transaction(2, move(ANN, CAT, -6, to=BOB), move(BOB, CAT, 4, Kind.UNKNOWN)),
    ]

    figures = folded(history, ANN, BOB)[CAT].figures

    assert (figures["held_raw"], figures["left_raw"], figures["cost_lamports"]) == (8, 2, 80)


def test_a_trade_of_members_with_each_other_is_none() -> None:
    """It makes no profit and moves no lot."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 100, CAT, 10)]),
        transaction(
            2, trades=[trade(ANN, CAT, 10, SOL_MINT, 300), trade(BOB, SOL_MINT, 300, CAT, 10)]
        ),
    ]

    figures = folded(history, ANN, BOB)[CAT].figures

    assert (figures["exits"], figures["realized_lamports"], figures["held_raw"]) == (0, 0, 10)
    assert figures["cost_lamports"] == 100


@pytest.mark.parametrize(
    ("method", "profit"),
    [(Method.FIFO, 900), (Method.LIFO, 800), (Method.HIFO, 700), (Method.AVERAGE, 800)],
)
def test_each_method_takes_its_own_lots_of_the_whole_group(method: Method, profit: int) -> None:
    """Lots of all members stand in one row; dollars rank the dearest."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 100, CAT, 10)]),
        transaction(2, trades=[trade(BOB, SOL_MINT, 300, CAT, 10)]),
        transaction(3, trades=[trade(ANN, SOL_MINT, 200, CAT, 10)]),
        transaction(4, trades=[trade(BOB, CAT, 10, SOL_MINT, 1_000)]),
    ]

    position = folded(history, ANN, BOB, method=method)[CAT]

    assert position.figures["realized_lamports"] == profit
    assert position.fallbacks == 0
    assert position.usd.realized.realized_usd == Decimal(profit) / 10**7


@pytest.mark.parametrize("method", list(Method))
def test_dollars_are_of_the_minute_of_each_leg(method: Method) -> None:
    """Bought when SOL was at 100, sold when it was at 200; the cost of what is left likewise."""
    sol = 10**9
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, sol, CAT, 10)]),
        transaction(2, trades=[trade(ANN, CAT, 4, SOL_MINT, sol)], hour=2),
    ]

    position = folded(history, ANN, method=method)[CAT]

    assert position.usd.realized.realized_usd == 160
    assert position.usd.realized.wins == 1
    assert position.usd.open.cost_usd == 60
    assert position.usd.open.priced_raw == 6


@pytest.mark.parametrize("method", list(Method))
def test_what_has_no_price_is_counted_and_never_zero(method: Method) -> None:
    """It is in no dollar of profit."""
    history = [
        transaction(1, trades=[trade(ANN, DOG, 5, CAT, 10)]),
        transaction(2, trades=[trade(ANN, CAT, 4, DOG, 9)]),
    ]

    usd = folded(history, ANN, prices=PriceBook(), method=method)[CAT].usd

    assert usd.realized.unpriced + usd.realized.pending == 1
    assert usd.realized.realized_usd == usd.realized.wins == usd.open.priced_raw == 0
    assert usd.open.unpriced_raw + usd.open.pending_raw == 6


def test_hifo_without_prices_says_that_it_could_not_rank() -> None:
    """Bought with two mints that nobody prices, lots are taken oldest first."""
    history = [
        transaction(1, trades=[trade(ANN, DOG, 5, CAT, 10)]),
        transaction(2, trades=[trade(ANN, SOL_MINT, 5, CAT, 10)]),
        transaction(3, trades=[trade(ANN, CAT, 4, DOG, 9)]),
    ]

    position = folded(history, ANN, method=Method.HIFO, prices=PriceBook())[CAT]

    assert position.fallbacks == 1


def test_what_goes_to_an_exchange_is_sold_at_the_price_of_the_minute_if_asked() -> None:
    """In dollars, and in lamports by the price of SOL; else it merely leaves."""
    sol = 10**9
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, sol, CAT, 100_000)]),
        transaction(2, move(ANN, CAT, -50_000, to=BINANCE), hour=1),
    ]

    sold = folded(history, ANN, realize=True)[CAT]
    left = folded(history, ANN)[CAT]

    # 50 cats at 3 dollars cost half a SOL at 100; 150 dollars are one SOL by then.
    assert sold.usd.realized.realized_usd == 100
    assert sold.figures["realized_lamports"] == sol // 2
    assert (sold.figures["exits"], sold.figures["sold_raw"], sold.figures["left_raw"]) == (
        1,
        50_000,
        0,
    )
    assert (left.figures["exits"], left.figures["left_raw"]) == (0, 50_000)
    assert left.usd.realized.realized_usd == 0
    assert sold.figures["cost_lamports"] == left.figures["cost_lamports"] == sol // 2


def test_what_goes_to_an_exchange_without_a_price_is_unpriced() -> None:
    """Its lots are gone all the same."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 100, CAT, 10)]),
        transaction(2, move(ANN, CAT, -5, to=BINANCE), hour=9),
    ]

    position = folded(history, ANN, realize=True)[CAT]

    assert position.usd.realized.pending == position.figures["unpriced"] == 1
    assert position.figures["held_raw"] == 5


def test_headline_sums_are_over_tokens() -> None:
    """SOL and dollars are what is paid with."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 10**9, CAT, 10)]),
        transaction(2, trades=[trade(ANN, CAT, 10, SOL_MINT, 2 * 10**9)], hour=1),
        transaction(3, trades=[trade(BOB, SOL_MINT, 10**9, DOG, 10)], hour=1),
    ]

    totals = totals_of_view(folded(history, ANN, BOB).values())

    assert (totals.open_count, totals.closed_count) == (1, 1)
    assert totals.realized_lamports == 10**9
    assert totals.usd.realized_usd == 200
    assert (totals.wins, totals.losses, totals.usd.wins, totals.usd.losses) == (1, 0, 1, 0)


def test_prices_are_asked_for_where_something_moved() -> None:
    """By the hour, and always those of SOL."""
    spans = set(spans_of([transaction(7, move(ANN, CAT, -5), hour=2)]))

    assert {(span.mint, span.start, span.end) for span in spans} == {
        (mint, 2 * HOUR, 3 * HOUR) for mint in (CAT, SOL_MINT)
    }


def test_what_has_no_time_asks_for_no_price() -> None:
    """There is no minute to look up."""
    timeless = transaction(7, move(ANN, CAT, -5))
    timeless = timeless._replace(head=timeless.head._replace(at=None))

    assert list(spans_of([timeless])) == []
    view = folded([timeless], ANN)
    assert (view[CAT].last_at, view[CAT].figures["short_raw"]) == (None, 5)


def test_one_transfer_may_come_from_several_members() -> None:
    """Each sender's part is struck off what was received, to the unit."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 100, CAT, 10)]),
        transaction(
            2,
            move(ANN, CAT, -3),
            move(EVE, CAT, -4, Kind.UNKNOWN),
            move(BOB, CAT, 6, Kind.INCOME),
        ),
    ]

    figures = folded(history, ANN, BOB, EVE)[CAT].figures

    assert (figures["held_raw"], figures["left_raw"], figures["arrived_raw"]) == (9, 1, 0)


def test_an_average_comes_back_to_its_pool() -> None:
    """What was staked is of the same pool again, at what it cost."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 100, CAT, 10)]),
        transaction(2, move(ANN, CAT, -4, Kind.STAKE)),
        transaction(3, trades=[trade(ANN, SOL_MINT, 300, CAT, 10)]),
        transaction(4, move(BOB, CAT, 4, Kind.STAKE)),
    ]

    figures = folded(history, ANN, BOB, method=Method.AVERAGE)[CAT].figures

    assert (figures["lots"], figures["held_raw"], figures["cost_lamports"]) == (1, 20, 400)


@pytest.mark.parametrize("wallets", [[], [Address(f"w{n}") for n in range(21)]])
def test_a_group_has_one_to_twenty_wallets(wallets: list[Address]) -> None:
    """Others are refused by name."""
    with pytest.raises(InvalidInput, match="wallets"):
        group_choice(wallets, method=Method.FIFO, realize_exchange_transfers=False)


def test_the_same_wallets_in_any_order_are_the_same_group() -> None:
    """Named twice they count once."""
    one, other = (
        group_choice(each, method=Method.FIFO, realize_exchange_transfers=False)
        for each in ([EVE, ANN, BOB, ANN], [BOB, ANN, EVE])
    )

    assert one == other


def test_wallets_of_exchanges_are_addresses() -> None:
    """Each names who it belongs to."""
    for wallet, name in EXCHANGE_WALLETS.items():
        assert parse_address(wallet, field="wallet") == wallet
        assert name


def test_methods_agree_on_a_single_purchase() -> None:
    """An average of one purchase is that purchase: pools are worth what lots are."""
    history = [
        transaction(1, trades=[trade(ANN, SOL_MINT, 700, CAT, 30)]),
        transaction(2, trades=[trade(BOB, CAT, 15, SOL_MINT, 900)], hour=1),
    ]

    views = [folded(history, ANN, BOB, method=method)[CAT] for method in Method]

    assert views[0].usd.realized.exits == 1
    assert all(view == views[0] for view in views)
