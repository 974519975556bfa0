"""The golden wallet in dollars: the valuation's, against the plain reckoning of its script."""

from decimal import Decimal

from oof.domain.positions.codec import decode_position
from oof.domain.positions.stored import ExitRow
from oof.domain.positions.valuation import Missing, Prices
from oof.domain.units import Mint, Slot
from tests.golden.engine import Folded
from tests.golden.reference import SOL, Reckoning
from tests.golden.reference_usd import ExitUsd, PlainPrices, total_of


def engine_values(folded: Folded, valuing: Prices) -> dict[tuple[str, str], list[ExitUsd]]:
    """What the engine values each kept sale at, by mint and signature."""
    found = {}
    for (mint, signature), documents in folded.exits.items():
        rows = (ExitRow(Mint(mint), Slot(0), 0, at, doc) for at, doc in enumerate(documents))
        values = map(valuing.exit, rows)
        found[mint, signature] = [
            ExitUsd(v.proceeds_usd, v.cost_usd, v.fees_usd, v.pnl_usd, v.volume_usd) for v in values
        ]
    return found


def test_every_sale_came_to_what_the_script_says_in_dollars(
    folded: Folded, reckoned: Reckoning, valuing: Prices, plain: PlainPrices
) -> None:
    """Proceeds, cost, fees, profit and volume, to the eighth decimal; unknown where unknown."""
    expected: dict[tuple[str, str], list[ExitUsd]] = {}
    for mint, held in reckoned.held.items():
        for sale in held.exits if mint != SOL else ():
            expected.setdefault((mint, sale.event.signature), []).append(plain.exit(sale))

    assert engine_values(folded, valuing) == expected
    sales = [each for theirs in expected.values() for each in theirs]
    assert sum(each.profit is not None for each in sales) > 500
    assert sum(each.profit is None for each in sales) > 10


def test_what_is_held_cost_what_the_script_says_in_dollars(
    folded: Folded, reckoned: Reckoning, valuing: Prices, plain: PlainPrices
) -> None:
    """Open lots whose cost is known, each at its own time."""
    for mint, held in reckoned.held.items():
        position = decode_position(Mint(mint), folded.positions[mint].state)
        value = valuing.lots(Mint(mint), position.book.lots)
        lots = [(lot, *plain.open_cost(mint, lot)) for lot in held.lots if lot.is_known]
        priced = [(lot, cost, fees) for lot, cost, fees in lots if None not in (cost, fees)]

        assert value.cost_usd == sum((cost or 0 for _, cost, _ in priced), Decimal(0)), mint
        assert value.fees_usd == sum((fees or 0 for _, _, fees in priced), Decimal(0)), mint
        assert value.priced_raw == sum(lot.left for lot, _, _ in priced)
        assert value.unknown_raw == sum(lot.left for lot in held.lots if not lot.is_known)


def test_what_nobody_recorded_is_missing_and_said_so(folded: Folded, valuing: Prices) -> None:
    """A sale in a gap of all its legs has no worth; every such one says why."""
    values = [
        valuing.exit(ExitRow(Mint(mint), Slot(0), 0, 0, document))
        for (mint, _), documents in folded.exits.items()
        for document in documents
    ]
    lacking = [value for value in values if value.has_basis and value.pnl_usd is None]

    assert lacking
    assert {reason for value in lacking for reason in value.missing} <= {
        Missing.NO_PRICE,
        Missing.FEES,
    }
    assert all(value.missing for value in lacking)


def test_the_total_is_a_trader_s(reckoned: Reckoning, plain: PlainPrices) -> None:
    """Some tokens won and some lost: the life is worth looking at."""
    totals = total_of(
        {
            mint: [plain.exit(sale) for sale in held.exits]
            for mint, held in reckoned.held.items()
            if mint != SOL
        }
    )
    assert sum(total > 100 for total in totals.values()) >= 5
    assert sum(total < -100 for total in totals.values()) >= 5
