"""Whether a list of the peer's trades is ours, up to differences that the transaction explains."""

from typing import NamedTuple

from local.accuracy.evidence import adds_up
from local.accuracy.model import Case, Swap

_FEES = frozenset({"platform_fee", "protocol_fee", "creator_fee", "bot_fee", "transfer_fee", "tip"})


class Pairing(NamedTuple):
    """Which differences are allowed, each only where the transaction proves it."""

    by_balances: bool = False
    """Another trader, if the balances moved with ours and not with the peer's."""
    but_fees: bool = False
    """Amounts apart by fees, if vaults took and paid ours and the fees went to others."""


def pair_up(case: Case, theirs: tuple[Swap, ...], pairing: Pairing) -> bool:
    """Whether each of our trades has its own one among `theirs`, and none is left."""
    left = list(theirs)
    for ours in case.ours:
        found = next((swap for swap in left if _is_same(case, ours, swap, pairing)), None)
        if found is None:
            return False
        left.remove(found)
    return bool(case.ours) and not left


def _is_same(case: Case, ours: Swap, theirs: Swap, pairing: Pairing) -> bool:
    if ours.trader != theirs.trader and not (pairing.by_balances and _traded(case, ours, theirs)):
        return False
    if ours.terms == theirs.terms:
        return True
    return pairing.but_fees and _differ_by_fees(case, ours, theirs)


def _traded(case: Case, ours: Swap, theirs: Swap) -> bool:
    """Whether the balances moved with our trader and not with theirs."""
    return _is_moved(case, ours) and not _is_moved(case, theirs)


def _is_moved(case: Case, swap: Swap) -> bool:
    """Whether a trader ended up with what was bought, having given what was sold.

    An order's owner gave it to the order's escrow before: then getting is enough, if it signed
    nothing.
    """
    evidence, trader = case.evidence, swap.trader
    if swap.sold_mint == swap.bought_mint:
        return evidence.sent(trader, swap.sold_mint) >= swap.sold_raw
    gained = evidence.delta(trader, swap.bought_mint) > 0
    gave = evidence.delta(trader, swap.sold_mint) < 0
    return gained and (gave or trader not in case.body.signers)


def _differ_by_fees(case: Case, ours: Swap, theirs: Swap) -> bool:
    """Whether theirs is ours and the fees on the way in, less the fees on the way out."""
    if (ours.sold_mint, ours.bought_mint) != (theirs.sold_mint, theirs.bought_mint):
        return False
    more = theirs.sold_raw - ours.sold_raw
    less = ours.bought_raw - theirs.bought_raw
    evidence, trader = case.evidence, ours.trader
    return (
        _are_fees(case, ours, ours.sold_mint, more)
        and _are_fees(case, ours, ours.bought_mint, less)
        and evidence.is_paid(ours.sold_mint, ours.sold_raw, False, trader)
        and evidence.is_paid(ours.bought_mint, ours.bought_raw, True, trader)
    )


def _are_fees(case: Case, ours: Swap, mint: str, amount: int) -> bool:
    """Whether an amount is nothing, or fees of ours that somebody else really received.

    A fee is a small part: what is more than a tenth of the trade is for a person to judge.
    """
    traded = ours.sold_raw if mint == ours.sold_mint else ours.bought_raw
    receivers = {
        row["counterparty"]
        for row in case.result["movements"]
        if (row["owner"], row["mint"]) == (ours.trader, mint) and row["kind"] in _FEES
    }
    paid = [
        flow.amount
        for flow in case.evidence.flows
        if flow.mint == mint and flow.target in receivers
    ]
    without_transfer = receivers - {flow.target for flow in case.evidence.flows}
    paid += [case.evidence.delta(receiver, mint) for receiver in without_transfer]
    return amount == 0 or (0 < amount * 10 <= traded and adds_up(paid, amount))
