"""The golden wallet's positions: the engine's, against the plain reckoning of its script."""

from collections import Counter
from typing import Any

from local.upstream.golden.script import Golden
from tests.golden.engine import Folded, Told, fold
from tests.golden.reference import (
    SOL,
    Exit,
    Held,
    Reckoning,
    balances_after,
    counted,
    reckon,
    sol_leg,
    whole,
)

CUT_DAYS = 730


def _indices(told: list[Told]) -> dict[str, int]:
    return {each.transaction.signature: each.tx_index for each in told}


def expected_figures(held: Held) -> dict[str, int]:
    """Every figure of a position, from its lots and exits."""
    known = [each for each in held.exits if each.known]
    told = [each for each in known if each.profit is not None]
    waits = [
        (piece.qty, max(0, each.event.time - piece.lot.time))
        for each in held.exits
        for piece in each.pieces
        if piece.lot.time is not None
    ]
    priced = [lot for lot in held.lots if lot.is_known and lot.worth is not None]
    return {
        "buys": len(held.buys),
        "exits": len(held.exits),
        "bought_raw": sum(swap.bought_raw for swap in held.buys),
        "sold_raw": sum(each.swap.sold_raw for each in held.exits),
        "arrived_raw": held.arrived,
        "left_raw": held.went,
        "paid_raw": held.paid,
        "opening_raw": held.opening,
        "spent_lamports": sum(counted(sol_leg(swap)) for swap in held.buys),
        "received_lamports": sum(counted(sol_leg(each.swap)) for each in held.exits),
        "fees_lamports": sum(counted(each.fees) for each in told),
        "realized_lamports": sum(counted(each.profit) for each in told),
        "wins": sum(counted(each.profit) > 0 for each in told),
        "losses": sum(counted(each.profit) < 0 for each in told),
        "unknown_raw": sum(each.unknown for each in held.exits),
        "unmatched_raw": sum(each.unmatched for each in held.exits),
        "excluded_lamports": sum(
            counted(sol_leg(each.swap)) - counted(each.proceeds) for each in held.exits
        ),
        "unpriced": len(known) - len(told),
        "unpriced_raw": sum(each.known for each in known if each.profit is None),
        "held_unit_seconds": sum(qty * seconds for qty, seconds in waits),
        "held_units": sum(qty for qty, _ in waits),
        "held_raw": sum(lot.left for lot in held.lots),
        "aside_raw": sum(lot.left for lots in held.aside.values() for lot in lots),
        "lots": len(held.lots),
        "priced_raw": sum(lot.left for lot in priced),
        "cost_lamports": sum(counted(lot.of_rest(lot.worth)) for lot in priced),
        "open_fees_lamports": sum(counted(lot.of_rest(lot.fees)) for lot in priced),
        "short_raw": held.short,
        "episodes": len(held.episodes),
    }


def expected_document(each: Exit, told: dict[str, int]) -> dict[str, Any]:
    """An exit as it is kept."""
    return {
        "tx_index": told[each.event.signature],
        "at": each.event.time,
        "qty_raw": str(each.known),
        "unknown_raw": str(each.unknown),
        "unmatched_raw": str(each.unmatched),
        "bought_mint": each.swap.bought_mint,
        "bought_raw": str(each.swap.bought_raw),
        "proceeds_lamports": _text(whole(each.proceeds)),
        "cost_lamports": _text(whole(each.cost)),
        "entry_fees_lamports": _text(whole(each.entry_fees)),
        "exit_fees_lamports": _text(whole(each.exit_fees)),
        "pnl_lamports": _text(whole(each.profit)) if each.known else None,
        "lots": [
            {
                "signature": piece.lot.signature,
                "slot": piece.lot.slot,
                "tx_index": piece.lot.tx_index,
                "at": piece.lot.time,
                "origin": piece.lot.origin,
                "qty_raw": str(piece.qty),
                "cost_raw": {mint: str(raw) for mint, raw in piece.cost.items()},
                "cost_lamports": _text(whole(piece.worth)),
                "fees_lamports": _text(whole(piece.fees)),
            }
            for piece in each.pieces
        ],
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def assert_same(reckoned: Reckoning, folded: Folded, indices: dict[str, int]) -> None:
    """Figures, exits with their lots, episodes and loose fees are the same, mint by mint."""
    assert folded.positions.keys() == reckoned.held.keys()
    for mint, held in reckoned.held.items():
        assert dict(folded.positions[mint].figures) == expected_figures(held), mint
        assert folded.episodes.get(mint, []) == held.episodes, mint
    documents: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for mint, held in reckoned.held.items():
        for each in held.exits if mint != SOL else ():
            key = (mint, each.event.signature)
            documents.setdefault(key, []).append(expected_document(each, indices))
    assert folded.exits == documents
    assert folded.other_fees_lamports == reckoned.loose_fees


def test_every_transaction_is_read_as_it_was_meant(golden: Golden, told: list[Told]) -> None:
    """Trades are those of the script, nothing stays unexplained, and nothing is odd."""
    for event, (transaction, _) in zip(golden.events, told, strict=True):
        trades = [trade[1:5] for trade in transaction.trades if trade.trader == golden.address]
        assert trades == [swap[:4] for swap in event.swaps]
        kinds = {m.kind for m in transaction.movements if m.owner == golden.address}
        assert "unknown" not in kinds
        assert transaction.anomalies == ()


def test_four_years_come_to_what_the_script_says(
    golden: Golden, told: list[Told], reckoned: Reckoning, folded: Folded
) -> None:
    """To the last lamport and unit, in every figure of every position."""
    assert len(golden.events) > 2_500
    assert_same(reckoned, folded, _indices(told))


def test_what_is_left_is_what_the_chain_says(reckoned: Reckoning, golden: Golden) -> None:
    """Open lots add up to the balances that the script ends with."""
    after = balances_after(golden.events)
    for mint, held in reckoned.held.items():
        assert sum(lot.left for lot in held.lots) - held.short == after.get(mint, 0)


def test_the_life_has_all_that_makes_lives_hard(golden: Golden, reckoned: Reckoning) -> None:
    """Re-entries, airdrops, transfers, failures, pools, stakes, loans, odd fees, unknown cost."""
    kinds = Counter(event.what for event in golden.events)
    for what in ("failed", "claim", "spam", "send", "receive", "pool_up", "stake", "take_back"):
        assert kinds[what] >= 3
    assert sum(len(held.episodes) > 1 for held in reckoned.held.values()) >= 10
    tokens = [held for mint, held in reckoned.held.items() if mint != SOL]
    assert any(each.unknown for held in tokens for each in held.exits)
    assert any(len(event.swaps) > 1 for event in golden.events)
    assert any(mint != SOL for event in golden.events for mint in event.paid)
    assert any(swap.is_bad for event in golden.events for swap in event.swaps)


def test_beyond_the_ceiling_lies_unknown_basis(golden: Golden, told: list[Told]) -> None:
    """Where history begins later, what was held before is an opening lot of no known cost."""
    since = golden.events[-1].time - CUT_DAYS * 86_400
    first = next(at for at, event in enumerate(golden.events) if event.time >= since)
    opening = balances_after(golden.events[:first])
    indices = _indices(told)
    plain = reckon(golden.events[first:], opening=opening, index_of=indices)

    engine = fold(told[first:], golden.address)

    assert_same(plain, engine, indices)
    assert sum(held.opening > 0 for held in plain.held.values()) >= 5
