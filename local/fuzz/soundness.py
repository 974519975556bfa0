"""What holds of any bytes whatever: nothing raises, everything is accounted for, sums are exact."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

from oof.domain.transactions.bodies import read_bodies
from oof.domain.transactions.enhanced import normalize_enhanced
from oof.domain.transactions.model import NormalizedTransaction, Unreadable
from oof.domain.transactions.normalize import normalize
from oof.domain.transactions.render import render, render_unreadable
from oof.domain.units import SOL_MINT


class Unsound(Exception):
    """Normalization said something that cannot be."""


def check_document(text: bytes) -> int:
    """Hold everything against one document; return how many of its bodies were read.

    Raises Unsound, or whatever normalization raised.
    """
    read = 0
    for body in read_bodies(text):
        if isinstance(body, Unreadable):
            _check_unreadable(body)
            continue
        found = normalize(body)
        if isinstance(found, Unreadable):
            _check_unreadable(found)
        else:
            read += 1
            check_result(found, body)
            _demand(found == normalize(body), "the same body gave two results")
        guessed = normalize_enhanced(body)
        if isinstance(guessed, Unreadable):
            _check_unreadable(guessed)
        else:
            _check_written(guessed)
    return read


def check_result(found: NormalizedTransaction, body: Any) -> None:
    """Hold one result against the body it was read from. Raises Unsound."""
    _check_written(found)
    _check_sums(found)
    _check_totals(found, body)


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Unsound(otherwise)


def _check_unreadable(found: Unreadable) -> None:
    _demand(bool(found.code), "an unreadable body without a code")
    orjson.dumps(render_unreadable(found, 1))


def _check_written(found: NormalizedTransaction) -> None:
    """The result can be written as JSON, and every part of it is what the model promises."""
    orjson.dumps(render(found))
    _demand(found.fee_payer in found.participants, "the fee payer takes no part")
    places = set()
    for movement in found.movements:
        places.add((movement.owner, movement.mint, movement.kind, movement.counterparty))
        _demand(movement.delta_raw != 0, "a movement of nothing")
    _demand(len(places) == len(found.movements), "one movement written twice")
    for trade in found.trades:
        _demand(trade.sold_raw > 0 and trade.bought_raw > 0, "a trade of nothing")
        _demand(bool(trade.route), "a trade without a route")


def _check_sums(found: NormalizedTransaction) -> None:
    """For every owner and mint the movements are what the balances say."""
    sums: dict[tuple[str | None, str], int] = defaultdict(int)
    for movement in found.movements:
        sums[movement.owner, movement.mint] += movement.delta_raw
    for balance in found.balances:
        sums[balance.owner, balance.mint] -= balance.post_raw - balance.pre_raw
    wrong = [place for place, rest in sums.items() if rest]
    _demand(not wrong, f"movements and balances differ for {wrong[:3]}")


def _check_totals(found: NormalizedTransaction, body: Any) -> None:
    """For every token the movements are what the body itself states, read without our reader.

    They are so by owner for a mint whose balances all name theirs, else in total.
    """
    stated = list(_stated(body))
    unowned = {mint for owner, mint, _ in stated if owner is None}
    sums: dict[tuple[str | None, str], int] = defaultdict(int)
    for owner, mint, change in stated:
        sums[None if mint in unowned else owner, mint] += change
    for movement in found.movements:
        owner = None if movement.mint in unowned else movement.owner
        sums[owner, movement.mint] -= movement.delta_raw
    wrong = [place for place, rest in sums.items() if rest and place[1] != SOL_MINT]
    _demand(not wrong, f"movements and the body's balances differ for {wrong[:3]}")


def _stated(body: Any) -> Iterator[tuple[str | None, str, int]]:
    """Give owner, mint and signed amount of every token balance; of an account's, the last."""
    for field, sign in (("preTokenBalances", -1), ("postTokenBalances", 1)):
        entries = body["meta"].get(field) or []
        for entry in {each.get("accountIndex", 0): each for each in entries}.values():
            owner = entry.get("owner")
            amount = int(entry["uiTokenAmount"].get("amount") or 0)
            yield owner if isinstance(owner, str) and owner else None, entry["mint"], sign * amount
