"""What trades were worth in dollars: worked out by hand, and what must hold of any history."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oof.domain.positions.codec import decode_position
from oof.domain.positions.days import (
    DayFigures,
    Days,
    PositionUsd,
    decode_usd,
    encode_usd,
    summed,
)
from oof.domain.positions.events import Exchange, Flow, WalletTransaction
from oof.domain.positions.lots import Moment
from oof.domain.positions.stored import HistoryEvent, PageRows, fold_page
from oof.domain.positions.valuation import (
    Missing,
    OpenValue,
    Prices,
    Wait,
    entry_needs,
    exit_needs,
    lot_needs,
    waits_of,
)
from oof.domain.positions.valuing import SolLegs
from oof.domain.prices.book import MintPrices, PriceBook, Span
from oof.domain.prices.candles import DAY_S, Source, Width, flat
from oof.domain.tokens import USDC_MINT
from oof.domain.transactions.model import Kind
from oof.domain.units import SOL_MINT, Mint, RawAmount, Signature, Slot, UnixSeconds
from oof.domain.windows import NO_DAY
from tests.unit.domain.positions.test_fold import HISTORIES, MINTS

CAT = Mint("cat")
DAY: Any = 20_000
START: Any = DAY * DAY_S
LAMPORTS = 10**9


def told(
    mint: Mint, by_minute: Mapping[int, str], *, pending: bool = False, never: bool = False
) -> MintPrices:
    """Prices of some minutes after the start, in days that were asked about, or were not."""
    days = frozenset(range(DAY, DAY + 40))
    candles = [
        flat(UnixSeconds(START + 60 * minute), Width.MINUTE, Decimal(usd), Source.PYTH, 95)
        for minute, usd in by_minute.items()
    ]
    none: frozenset[int] = frozenset()
    return MintPrices(
        mint,
        9 if mint == SOL_MINT else 6,
        candles,
        asked=none if pending or never else days,
        pending=days if pending else none,
        never=days if never else none,
    )


def prices(*mints: MintPrices) -> Prices:
    """A book of these."""
    return Prices(book=PriceBook(mints))


def dealt(
    number: int, minute: int | None, exchange: Exchange, *, fee: int = 0, flows: Any = ()
) -> WalletTransaction:
    """A trade in a minute after the start."""
    at = None if minute is None else UnixSeconds(START + 60 * minute + 7)
    fees = {SOL_MINT: RawAmount(fee)} if fee else {}
    name = Signature(f"s{number}")
    return WalletTransaction(Moment(Slot(number), 0), name, at, (exchange,), fees, flows)


def bought(number: int, minute: int | None, sol: int, cats: int, fee: int = 0) -> WalletTransaction:
    """Cats for lamports."""
    swap = Exchange(SOL_MINT, RawAmount(sol), CAT, RawAmount(cats))
    return dealt(number, minute, swap, fee=fee)


def sold(number: int, minute: int | None, cats: int, sol: int, fee: int = 0) -> WalletTransaction:
    """Lamports for cats."""
    swap = Exchange(CAT, RawAmount(cats), SOL_MINT, RawAmount(sol))
    return dealt(number, minute, swap, fee=fee)


def stored(history: Sequence[WalletTransaction]) -> PageRows:
    """What the fold stores of a history."""
    events = [HistoryEvent(number, each, ()) for number, each in enumerate(history)]
    return fold_page(events, stored=(), known_accounts=frozenset(), valuer=SolLegs())


def open_lots(rows: PageRows, mint: Mint) -> Any:
    """A position's open lots."""
    [row] = [row for row in rows.positions if row.mint == mint]
    return decode_position(mint, row.state).book.lots


def test_a_profit_is_proceeds_less_cost_less_fees_each_at_its_own_minute() -> None:
    """Half of what two SOL bought is sold for three, a while later, at another price of SOL."""
    rows = stored(
        [bought(1, 0, 2 * LAMPORTS, 1_000, fee=10_000), sold(2, 90, 500, 3 * LAMPORTS, fee=5_001)]
    )
    known = prices(told(SOL_MINT, {0: "100", 90: "150.5"}))
    [value] = [known.exit(row) for row in rows.exits]

    assert value.proceeds_usd == Decimal("451.50000000")
    assert value.cost_usd == Decimal("100.00000000")
    # 5,000 lamports at 100, and 5,001 at 150.5 of which the last digits are rounded
    assert value.fees_usd == Decimal("0.00050000") + Decimal("0.00075265")
    assert value.pnl_usd == Decimal("351.49874735")
    assert (value.volume_usd, value.excluded_usd) == (value.proceeds_usd, Decimal(0))
    assert (value.missing, value.basis["confidence"]) == ((), 95)
    assert value.basis["proceeds"]["price_usd"] == "150.5"
    assert value.basis["lots"][0]["cost"]["start"] == START

    held = known.lots(CAT, open_lots(rows, CAT))
    assert held == OpenValue(Decimal(100), Decimal("0.0005"), 500, 0, 0, 0)


@pytest.mark.parametrize(
    ("others", "usd", "by"),
    [
        ({SOL_MINT: "100", USDC_MINT: "0.99", CAT: "5"}, "99.00000000", USDC_MINT),
        ({SOL_MINT: "100", CAT: "0.5"}, "50.00000000", CAT),
        ({Mint("dog"): "3"}, None, None),
    ],
)
def test_the_surest_leg_tells(others: dict[Mint, str], usd: str | None, by: Mint | None) -> None:
    """A dollar coin before the token itself; what neither leg tells nobody does."""
    swap = Exchange(USDC_MINT, RawAmount(100_000_000), CAT, RawAmount(100_000_000))
    rows = stored([dealt(1, 0, swap), sold(2, 0, 100_000_000, LAMPORTS)])
    known = prices(told(CAT, {}), *(told(mint, {0: price}) for mint, price in others.items()))
    [value] = [known.exit(row) for row in rows.exits if row.mint == CAT]

    cost = value.basis["lots"][0]["cost"]
    assert (value.basis["lots"][0]["cost_usd"], cost and cost["mint"]) == (usd, by)


def test_what_is_missing_is_told_and_never_nothing() -> None:
    """By whether it may still come; a profit needs every part, volume and proceeds theirs."""
    rows = stored([bought(1, 0, LAMPORTS, 100), sold(2, 90, 100, LAMPORTS)])
    [row] = rows.exits

    def value(*mints: MintPrices) -> tuple[Any, ...]:
        told_ = prices(*mints, told(CAT, {})).exit(row)
        return told_.pnl_usd, told_.cost_usd, told_.proceeds_usd, told_.missing

    assert value(told(SOL_MINT, {90: "2"})) == (None, None, 2, (Missing.NO_PRICE,))
    assert value(told(SOL_MINT, {0: "2"})) == (None, 2, None, (Missing.NO_PRICE,))
    assert value(told(SOL_MINT, {90: "2"}, pending=True))[3] == (Missing.PENDING,)
    assert value(told(SOL_MINT, {90: "2"}, never=True))[3] == (Missing.TOO_OLD,)
    assert prices().exit(row).missing == (Missing.PENDING,)

    timeless = stored([bought(1, None, LAMPORTS, 100), sold(2, 90, 100, LAMPORTS)])
    known = prices(told(SOL_MINT, {90: "2"}), told(CAT, {}))
    assert known.exit(timeless.exits[0]).missing == (Missing.NO_TIME,)
    assert not list(entry_needs(timeless.entries[0]))


def test_a_fee_without_a_worth_leaves_no_profit() -> None:
    """It is not taken for nothing."""
    swap = Exchange(CAT, RawAmount(100), USDC_MINT, RawAmount(100))
    paid_in_dogs = dealt(2, 0, swap)._replace(fees_raw={Mint("dog"): RawAmount(5)})
    rows = stored([bought(1, 0, LAMPORTS, 100), paid_in_dogs])
    known = prices(told(SOL_MINT, {0: "2"}), told(USDC_MINT, {0: "1"}))
    value = known.exit(rows.exits[0])

    assert (value.pnl_usd, value.fees_usd, value.missing) == (None, None, (Missing.FEES,))


def test_units_of_unknown_cost_are_left_out_and_shown() -> None:
    """Of what was got, the known part makes a profit; the rest is told beside it."""
    gift = dealt(
        1,
        0,
        Exchange(SOL_MINT, RawAmount(LAMPORTS), CAT, RawAmount(100)),
        flows=(Flow(CAT, RawAmount(100), Kind.TRANSFER),),
    )
    rows = stored([gift, sold(2, 0, 300, 3 * LAMPORTS)])
    value = prices(told(SOL_MINT, {0: "7"}), told(CAT, {})).exit(rows.exits[0])

    assert [value.proceeds_usd, value.cost_usd, value.pnl_usd] == [7, 7, 0]
    assert [value.volume_usd, value.excluded_usd] == [21, 14]

    unknown = stored([sold(1, 0, 300, 3 * LAMPORTS)])
    value = prices(told(SOL_MINT, {0: "7"}), told(CAT, {})).exit(unknown.exits[0])
    assert [value.has_basis, value.pnl_usd, value.excluded_usd] == [False, None, 21]
    assert value.missing == ()


def test_who_waits_for_what() -> None:
    """Days that are not over or were not asked about, whether something is missing or not."""
    rows = stored([bought(1, 0, LAMPORTS, 100), sold(2, 1_440, 50, LAMPORTS)])
    known = prices(told(SOL_MINT, {0: "2"}, pending=True), told(CAT, {}))
    waits = set(waits_of(exit_needs(rows.exits[0]), Slot(2), known))

    assert waits == {Wait(SOL_MINT, DAY, Slot(2), False), Wait(SOL_MINT, DAY + 1, Slot(2), True)}
    nobody_asked = set(waits_of(entry_needs(rows.entries[0]), Slot(1), prices()))
    assert {wait.mint for wait in nobody_asked} == {SOL_MINT, CAT}
    assert list(waits_of(exit_needs(rows.exits[0]), Slot(2), prices(told(CAT, {})))) != []
    settled = prices(told(SOL_MINT, {}), told(CAT, {}, never=True))
    assert not list(waits_of(exit_needs(rows.exits[0]), Slot(2), settled))


def test_what_is_read_of_the_stored_sums_is_what_was_written() -> None:
    """Numbers as text, to the last digit."""
    figures = DayFigures(buys=3, realized_lamports=-(10**25), realized_usd=Decimal("-0.00000001"))
    usd = PositionUsd(figures, OpenValue(Decimal("1e12"), Decimal(0), 10**30, 1, 2, 3))
    assert decode_usd(encode_usd(usd)) == usd


PRICES = st.dictionaries(
    st.tuples(st.sampled_from([*MINTS, USDC_MINT]), st.integers(0, 5)),
    st.decimals(Decimal("0.000001"), 1_000, places=6),
)


@st.composite
def valued(draw: Any) -> tuple[list[WalletTransaction], Prices]:
    """A history spread over days, and prices of some of its minutes."""
    moved = [
        each._replace(at=None if each.at == 5 else UnixSeconds(START + (each.at or 0) * 40_000))
        for each in draw(HISTORIES)
    ]
    by_mint: dict[Mint, dict[int, str]] = {mint: {} for mint in MINTS}
    for (mint, hour), usd in draw(PRICES).items():
        by_mint.setdefault(mint, {})[hour * 40_000 // 60] = str(usd)
    return moved, prices(*(told(mint, found) for mint, found in by_mint.items()))


@settings(max_examples=150)
@given(valued(), st.randoms())
def test_all_days_are_all_trades_in_any_order(
    case: tuple[list[WalletTransaction], Prices], random: Any
) -> None:
    """Sums of days are sums of exits and entries, exactly; what is missing is counted."""
    history, known = case
    rows = stored(history)
    exits = [known.exit(row) for row in rows.exits]
    entries = [known.entry(row) for row in rows.entries]
    days, shuffled = Days(), Days()
    for exit_ in exits:
        days.add_exit(exit_)
    for entry in entries:
        days.add_entry(entry)
    trades = [(shuffled.add_exit, each) for each in exits]
    trades += [(shuffled.add_entry, each) for each in entries]  # type: ignore[misc]
    random.shuffle(trades)
    for add, each in trades:
        add(each)
    assert days.rows() == shuffled.rows()

    for mint in {row.mint for row in days.rows()}:
        whole = summed(row for row in days.rows() if row.mint == mint)
        own = [value for value in exits if value.row.mint == mint]
        priced = [value for value in own if value.pnl_usd is not None]
        assert whole.realized_usd == sum((v.pnl_usd or 0 for v in priced), Decimal(0))
        assert whole.realized_usd == whole.proceeds_usd - whole.cost_usd - whole.fees_usd
        left_out = sum(value.has_basis for value in own) - len(priced)
        assert (whole.exits, whole.pending + whole.unpriced) == (len(own), left_out)
        assert whole.wins + whole.losses <= len(priced)
    assert all(row.day == NO_DAY or row.day >= DAY for row in days.rows())


@settings(max_examples=150)
@given(valued())
def test_parts_are_rounded_once_and_never_made_up(
    case: tuple[list[WalletTransaction], Prices],
) -> None:
    """A cost is the sum of its lots'; without a price there is no number; waits name the rest."""
    history, known = case
    rows = stored(history)
    for value in map(known.exit, rows.exits):
        costs = [lot["cost_usd"] for lot in value.basis["lots"]]
        if value.cost_usd is not None:
            with localcontext(prec=60, rounding=ROUND_HALF_EVEN):
                assert value.cost_usd == sum(map(Decimal, costs), Decimal(0))
        assert (value.cost_usd is None) == (None in costs)
        assert (value.pnl_usd is None) == (not value.has_basis or bool(value.missing))
        parts = (value.proceeds_usd, value.cost_usd, value.fees_usd, value.pnl_usd)
        assert all(part is None or part.as_tuple().exponent == -8 for part in parts)
        assert not value.is_pending


@settings(max_examples=100)
@given(valued())
def test_open_lots_are_all_that_is_held(case: tuple[list[WalletTransaction], Prices]) -> None:
    """By whether their cost is known; the needed minutes are enough to tell."""
    history, known = case
    rows = stored(history)
    for row in rows.positions:
        lots = decode_position(row.mint, row.state).book.lots
        held = known.lots(row.mint, lots)
        raws = held.priced_raw, held.pending_raw, held.unpriced_raw, held.unknown_raw
        assert sum(raws) == sum(lot.qty_raw for lot in lots)
        needed: set[Span] = {span for lot in lots for span in lot_needs(row.mint, lot)}
        assert all(span.end - span.start == 1 for span in needed)
        if not held.priced_raw:
            assert [held.cost_usd, held.fees_usd] == [0, 0]
